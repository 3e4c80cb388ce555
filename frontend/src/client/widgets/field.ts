/** What the fields of forms have in common. */
import type { WidgetNode } from "../protocol/types";
import { attributes } from "./attributes";
import type { WidgetContext } from "./context";
import { classes, text } from "./values";

/** The properties of a field, as they travel. */
export type FieldOptions = Readonly<Record<string, unknown>>;

/** The name by which a field without a Label is read out. */
export function ariaLabel(field: FieldOptions, context: WidgetContext): string | undefined {
  if (context.isLabelled(field["name"])) return undefined;
  return [field["ariaLabel"], field["label"], field["placeholder"], field["name"]].map(text).find(Boolean);
}

/** What inputs and text areas have in common, whether they are written as fields or as text. */
export function textField(field: FieldOptions, context: WidgetContext) {
  const fill = field["allowAutofillExtensions"] === true;
  return attributes({
    id: context.fieldId(field["name"]),
    name: text(field["name"]),
    "aria-label": ariaLabel(field, context),
    placeholder: text(field["placeholder"]),
    pattern: text(field["pattern"]),
    required: field["required"] === true,
    autofocus: field["autoFocus"] === true,
    disabled: field["disabled"] === true,
    autocomplete: text(field["autoComplete"]) || (fill ? undefined : "off"),
    // Password managers keep off fields that carry their marks.
    ...Object.fromEntries(["data-1p-ignore", "data-lpignore", "data-bwignore"].map((name) => [name, !fill && "true"])),
  });
}

/** The listener of a field whose words are selected when one comes to it. */
export const onFocus = (field: FieldOptions) => (field["autoSelect"] === true ? selectWords : null);

const selectWords = (event: Event) => (event.currentTarget as HTMLInputElement).select();

/** Text areas know no `pattern`: an input field is asked, also for the words in which to complain. */
export function validateArea(event: Event) {
  const area = event.currentTarget as HTMLTextAreaElement;
  const pattern = area.getAttribute("pattern");
  if (!pattern) return;
  const probe = document.createElement("input");
  probe.pattern = pattern;
  probe.value = area.value;
  area.setCustomValidity(probe.validity.patternMismatch ? probe.validationMessage : "");
}

/** The classes of a control: its look, its size and its shape. */
export const controlClasses = (name: string, node: WidgetNode) =>
  classes(
    name,
    text(node["variant"]) && `look-${text(node["variant"])}`,
    text(node["size"]) && `size-${text(node["size"])}`,
    text(node["gutterSize"]) && `gutter-${text(node["gutterSize"])}`,
    node["pill"] === true && "pill",
    node["block"] === true && "block",
  );

/** Starts the action of a control that has changed; the field itself goes with it, or the form around it. */
export function onChange(node: WidgetNode, context: WidgetContext) {
  return (event: Event) =>
    void context.run({
      action: node["onChangeAction"],
      part: node,
      element: event.currentTarget as HTMLElement,
      auto: "none",
    });
}

import { html, nothing } from "lit";
import type { WidgetNode } from "../protocol/types";
import { asAction } from "./action";
import type { WidgetContext, WidgetView } from "./context";
import { text } from "./values";

interface Choice {
  value?: unknown;
  label?: unknown;
  disabled?: boolean;
  description?: unknown;
}

const choices = (node: WidgetNode): Choice[] => (Array.isArray(node["options"]) ? (node["options"] as Choice[]) : []);

/** The id by which a Label's `fieldName` finds its field within one widget. */
const fieldId = (name: unknown) => `f-${text(name).replace(/[^\w-]/g, "_")}`;

const nameOf = (node: WidgetNode) =>
  text(node["label"]) || text(node["ariaLabel"]) || text(node["placeholder"]) || text(node["name"]);

function onChange(node: WidgetNode, context: WidgetContext) {
  const action = asAction(node["onChangeAction"]);
  return (event: Event) => {
    if (action) context.run(node, action, event.currentTarget as HTMLElement);
  };
}

const INPUT_TYPES = new Set(["number", "email", "text", "password", "tel", "url"]);

export const input: WidgetView = (node) => {
  const type = text(node["inputType"]);
  return html`<input
    class="input ${text(node["variant"])} ${node["pill"] ? "pill" : ""}"
    id=${fieldId(node["name"])}
    type=${INPUT_TYPES.has(type) ? type : "text"}
    name=${text(node["name"])}
    aria-label=${nameOf(node)}
    placeholder=${text(node["placeholder"])}
    pattern=${text(node["pattern"]) || nothing}
    .defaultValue=${text(node["defaultValue"])}
    ?required=${node["required"] === true}
    ?disabled=${node["disabled"] === true}
  />`;
};

export const textarea: WidgetView = (node) => html`<textarea
  class="input ${text(node["variant"])}"
  id=${fieldId(node["name"])}
  name=${text(node["name"])}
  aria-label=${nameOf(node)}
  placeholder=${text(node["placeholder"])}
  rows=${Math.min(Number(node["rows"]) || 3, 30)}
  .defaultValue=${text(node["defaultValue"])}
  ?required=${node["required"] === true}
  ?disabled=${node["disabled"] === true}
></textarea>`;

export const select: WidgetView = (node, context) => {
  const chosen = text(node["defaultValue"]);
  const empty = text(node["placeholder"]);
  return html`<span class="select ${node["block"] ? "block" : ""}">
    <select
      class="input"
      id=${fieldId(node["name"])}
      name=${text(node["name"])}
      aria-label=${nameOf(node)}
      ?required=${node["required"] === true}
      ?disabled=${node["disabled"] === true}
      @change=${onChange(node, context)}
    >
      ${empty || node["clearable"] ? html`<option value="" ?selected=${!chosen}>${empty}</option>` : nothing}
      ${choices(node).map(
        ({ value, label, disabled }) =>
          html`<option value=${text(value)} ?selected=${text(value) === chosen} ?disabled=${disabled === true}>${text(label)}</option>`,
      )}
    </select>
    <ck-icon name="chevron-down"></ck-icon>
  </span>`;
};

const day = (value: unknown) => text(value).slice(0, 10);

export const datePicker: WidgetView = (node, context) => html`<input
  class="input date"
  type="date"
  id=${fieldId(node["name"])}
  name=${text(node["name"])}
  aria-label=${nameOf(node)}
  min=${day(node["min"]) || nothing}
  max=${day(node["max"]) || nothing}
  .defaultValue=${day(node["defaultValue"])}
  ?disabled=${node["disabled"] === true}
  @change=${onChange(node, context)}
/>`;

export const checkbox: WidgetView = (node, context) => html`<label class="choice">
  <input
    type="checkbox"
    id=${fieldId(node["name"])}
    name=${text(node["name"])}
    aria-label=${text(node["label"]) ? nothing : nameOf(node)}
    .defaultChecked=${node["defaultChecked"] === true}
    ?required=${node["required"] === true}
    ?disabled=${node["disabled"] === true}
    @change=${onChange(node, context)}
  />
  <span>${text(node["label"])}</span>
</label>`;

export const radioGroup: WidgetView = (node, context) => html`<div
  class="choices ${text(node["direction"]) === "row" ? "row" : ""}"
  role="radiogroup"
  aria-label=${nameOf(node)}
>
  ${choices(node).map(
    ({ value, label, disabled }) => html`<label class="choice">
      <input
        type="radio"
        name=${text(node["name"])}
        value=${text(value)}
        .defaultChecked=${text(value) === text(node["defaultValue"])}
        ?required=${node["required"] === true}
        ?disabled=${disabled === true || node["disabled"] === true}
        @change=${onChange(node, context)}
      />
      <span>${text(label)}</span>
    </label>`,
  )}
</div>`;

export const label: WidgetView = (node) =>
  html`<label class="w-label" for=${fieldId(node["fieldName"])}>${text(node["value"])}</label>`;

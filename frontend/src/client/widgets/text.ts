/** Components of words. */
import { html, nothing } from "lit";
import type { WidgetNode } from "../protocol/types";
import { color, TEXT } from "./colors";
import type { WidgetContext, WidgetView } from "./context";
import { type FieldOptions, onFocus, textField, validateArea } from "./field";
import { styles } from "./style";
import { classes, count, cssValue, length, text } from "./values";

type Sizes = Record<string, string>;

const WEIGHTS: Sizes = { normal: "400", medium: "500", semibold: "600", bold: "700" };
const TEXT_SIZES: Sizes = { xs: "0.75em", sm: "0.875em", md: "1em", lg: "1.125em", xl: "1.25em" };
const TITLE_SIZES: Sizes = {
  sm: "1em", md: "1.125em", lg: "1.25em", xl: "1.5em", "2xl": "1.75em", "3xl": "2em", "4xl": "2.5em", "5xl": "3em",
};
const CAPTION_SIZES: Sizes = { sm: "0.75em", md: "0.8125em", lg: "0.875em" };
const MOST_LINES = 100;

function textStyles(node: WidgetNode, sizes: Sizes) {
  const [most, least] = [count(node["maxLines"], MOST_LINES), count(node["minLines"], MOST_LINES)];
  return {
    color: color(node["color"], TEXT),
    "font-weight": WEIGHTS[text(node["weight"])],
    "font-size": sizes[text(node["size"])],
    "font-style": node["italic"] === true ? "italic" : undefined,
    "text-decoration": node["lineThrough"] === true ? "line-through" : undefined,
    "text-align": cssValue(node["textAlign"]),
    width: length(node["width"]),
    "-webkit-line-clamp": most ? String(most) : undefined,
    "min-height": least ? `${least}lh` : undefined,
  };
}

const cut = (node: WidgetNode) =>
  node["truncate"] === true ? "truncate" : count(node["maxLines"], MOST_LINES) ? "clamp" : "";

export const title: WidgetView = (node) =>
  html`<div class=${classes("w-title", cut(node))} role="heading" aria-level="3" dir="auto" ${styles(textStyles(node, TITLE_SIZES))}>${text(node["value"])}</div>`;

export const caption: WidgetView = (node) =>
  html`<div class=${classes("w-caption", cut(node))} dir="auto" ${styles(textStyles(node, CAPTION_SIZES))}>${text(node["value"])}</div>`;

export const plainText: WidgetView = (node, context) => {
  const editable = node["editable"];
  if (typeof editable === "object" && editable) return editableText(node, editable as FieldOptions, context);
  return html`<div
    class=${classes("w-text", cut(node), node["streaming"] === true && "streaming")}
    dir="auto"
    ${styles(textStyles(node, TEXT_SIZES))}
  >${text(node["value"])}</div>`;
};

/** Text that one writes over where it stands. With room for several lines it takes several. */
function editableText(node: WidgetNode, field: FieldOptions, context: WidgetContext) {
  const value = text(node["value"]);
  const look = styles(textStyles(node, TEXT_SIZES));
  const long = Math.max(count(node["minLines"], MOST_LINES) ?? 1, count(node["maxLines"], MOST_LINES) ?? 1) > 1;
  return long
    ? html`<textarea
        class="w-editable"
        .defaultValue=${value}
        ${textField(field, context)}
        ${look}
        @focus=${onFocus(field)}
        @input=${validateArea}
      ></textarea>`
    : html`<input class="w-editable" .defaultValue=${value} ${textField(field, context)} ${look} @focus=${onFocus(field)} />`;
}

export const markdown: WidgetView = (node, { ui }) =>
  html`<ck-markdown class="w-markdown" dir="auto" .ui=${ui} .text=${text(node["value"])} .streaming=${node["streaming"] === true}></ck-markdown>`;

export const label: WidgetView = (node, context) =>
  html`<label
    class="w-label"
    id="${context.fieldId(node["fieldName"])}-label"
    for=${text(node["fieldName"]) ? context.fieldId(node["fieldName"]) : nothing}
    dir="auto"
    ${styles(textStyles(node, TEXT_SIZES))}
  >${text(node["value"])}</label>`;

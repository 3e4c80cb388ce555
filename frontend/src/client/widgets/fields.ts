/** Fields that the browser draws: text, ticks and choices. */
import { html, nothing } from "lit";
import type { WidgetNode } from "../protocol/types";
import type { WidgetView } from "./context";
import { ariaLabel, controlClasses, onChange, onFocus, textField, validateArea } from "./field";
import { styles } from "./style";
import { classes, count, text } from "./values";

const INPUT_TYPES = new Set(["number", "email", "text", "password", "tel", "url"]);
const MOST_ROWS = 40;

export const input: WidgetView = (node, context) => {
  const type = text(node["inputType"]);
  return html`<input
    class=${controlClasses("input w-control", node)}
    type=${INPUT_TYPES.has(type) ? type : "text"}
    .defaultValue=${text(node["defaultValue"])}
    ${textField(node, context)}
    @focus=${onFocus(node)}
  />`;
};

export const textarea: WidgetView = (node, context) => {
  const rows = count(node["rows"], MOST_ROWS) ?? 3;
  const grows = node["autoResize"] === true;
  const most = Math.max(rows, count(node["maxRows"], MOST_ROWS) ?? 12);
  return html`<textarea
    class=${controlClasses(classes("input w-control w-area", grows && "grows"), node)}
    rows=${rows}
    .defaultValue=${text(node["defaultValue"])}
    ${textField(node, context)}
    ${styles({ "--w-rows": String(rows), "--w-most-rows": grows ? String(most) : undefined })}
    @focus=${onFocus(node)}
    @input=${validateArea}
  ></textarea>`;
};

export const checkbox: WidgetView = (node, context) => html`<label class="choice">
  <input
    type="checkbox"
    id=${context.fieldId(node["name"])}
    name=${text(node["name"])}
    aria-label=${text(node["label"]) ? nothing : (ariaLabel(node, context) ?? nothing)}
    .defaultChecked=${node["defaultChecked"] === true}
    ?required=${node["required"] === true}
    ?disabled=${node["disabled"] === true}
    @change=${onChange(node, context)}
  />
  <span dir="auto">${text(node["label"])}</span>
</label>`;

export interface Choice {
  value?: unknown;
  label?: unknown;
  disabled?: unknown;
  description?: unknown;
}

export const choicesOf = (node: WidgetNode): Choice[] =>
  Array.isArray(node["options"]) ? node["options"].filter((option) => typeof option === "object" && option) : [];

export const radioGroup: WidgetView = (node, context) => {
  const id = context.fieldId(node["name"]);
  return html`<div
    class=${classes("choices", text(node["direction"]) === "row" && "row")}
    id=${id}
    role="radiogroup"
    aria-label=${text(node["ariaLabel"]) || (ariaLabel(node, context) ?? nothing)}
    aria-labelledby=${context.isLabelled(node["name"]) && !text(node["ariaLabel"]) ? `${id}-label` : nothing}
    aria-required=${node["required"] === true ? "true" : nothing}
  >
    ${choicesOf(node).map(
      ({ value, label, disabled }) => html`<label class="choice">
        <input
          type="radio"
          name=${id}
          data-field=${text(node["name"])}
          value=${text(value)}
          .defaultChecked=${text(value) === text(node["defaultValue"])}
          ?required=${node["required"] === true}
          ?disabled=${disabled === true || node["disabled"] === true}
          @change=${onChange(node, context)}
        />
        <span dir="auto">${text(label)}</span>
      </label>`,
    )}
  </div>`;
};

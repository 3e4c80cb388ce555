/** Components that arrange others. */
import { html } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { boxStyles } from "./box";
import { BORDER, color } from "./colors";
import type { WidgetView } from "./context";
import { styles } from "./style";
import { children, classes, length, space, text } from "./values";

const boxOf =
  (direction: "row" | "col" | null): WidgetView =>
  (node, context) => {
    const row = (direction ?? text(node["direction"])) === "row";
    return html`<div class=${classes("w-box", row && "row")} ${styles(boxStyles(node))}>${context.all(children(node))}</div>`;
  };

export const box = boxOf(null);
export const row = boxOf("row");
export const col = boxOf("col");

export const form: WidgetView = (node, context) => {
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const element = event.currentTarget as HTMLElement;
    void context.run({ action: node["onSubmitAction"], part: node, element, auto: "container" });
  };
  return html`<form
    class=${classes("w-box w-form", text(node["direction"]) === "row" && "row")}
    ${styles(boxStyles(node))}
    @submit=${onSubmit}
  >
    ${context.all(children(node))}
  </form>`;
};

export const spacer: WidgetView = (node) =>
  html`<div class="w-spacer" ${styles({ "min-width": length(node["minSize"]), "min-height": length(node["minSize"]) })}></div>`;

export const divider: WidgetView = (node) =>
  html`<hr
    class=${classes("w-divider", node["flush"] === true && "flush")}
    ${styles({
      "border-block-start-color": color(node["color"], BORDER),
      "border-block-start-width": length(node["size"]),
      "margin-block": space(node["spacing"]),
    })}
  />`;

/** Its child comes in softly, and does so again when another takes its place. */
export const transition: WidgetView = (node, context) => {
  const [child] = children(node);
  return html`${keyed(
    child?.key ?? child?.id ?? child?.type,
    html`<div class="w-transition">${context.all(child ? [child] : [])}</div>`,
  )}`;
};

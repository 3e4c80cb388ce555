import { html, nothing } from "lit";
import type { WidgetNode } from "../protocol/types";
import { asAction } from "./action";
import type { WidgetContext, WidgetView } from "./context";
import { styles } from "./style";
import { boxStyles, blockStyles, children, color, length, space, text } from "./values";

function status(node: WidgetNode) {
  const value = node["status"] as { text?: string; icon?: string } | undefined;
  return value?.text
    ? html`<div class="w-status">${value.icon ? html`<ck-icon name=${value.icon}></ck-icon>` : nothing}${value.text}</div>`
    : nothing;
}

function footer(node: WidgetNode, context: WidgetContext) {
  const button = (key: "confirm" | "cancel") => {
    const value = node[key] as { label?: string; action?: unknown } | undefined;
    if (!value) return nothing;
    const submits = key === "confirm" && node["asForm"] === true;
    const onClick = (event: Event) => {
      if (!submits) context.run(node, value.action, event.currentTarget as HTMLElement);
    };
    return html`<button type=${submits ? "submit" : "button"} class="button ${key === "confirm" ? "primary" : ""}" @click=${onClick}>
      ${text(value.label) || context.ui.strings.t(key === "confirm" ? "actions.confirm" : "actions.cancel")}
    </button>`;
  };
  if (!node["confirm"] && !node["cancel"]) return nothing;
  return html`<div class="w-footer">${button("cancel")}${button("confirm")}</div>`;
}

export const card: WidgetView = (node, context) => {
  const size = text(node["size"]) || "md";
  const { background, gap, "align-items": alignItems } = boxStyles(node);
  const body = html`
    ${status(node)}
    <div class="w-card-body" ${styles({ gap, "align-items": alignItems })}>${context.all(children(node))}</div>
    ${footer(node, context)}
  `;
  const frame = styles({ background, padding: space(node["padding"]), border: node["border"] === 0 ? "0" : undefined });
  if (node["asForm"] !== true) return html`<div class="card w-card ${size}" ${frame}>${body}</div>`;
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const confirm = node["confirm"] as { action?: unknown } | undefined;
    context.run(node, confirm?.action, event.currentTarget as HTMLElement);
  };
  return html`<form class="card w-card ${size}" ${frame} @submit=${onSubmit}>${body}</form>`;
};

export const basic: WidgetView = (node, context) =>
  html`<div class="w-box ${text(node["direction"]) === "row" ? "row" : ""}" ${styles(boxStyles(node))}>${context.all(children(node))}</div>`;

export const listView: WidgetView = (node, context) => {
  const items = children(node);
  const limit = typeof node["limit"] === "number" ? node["limit"] : items.length;
  const rest = items.slice(limit);
  return html`<div class="card w-list">
    ${status(node)}
    <ul>${context.all(items.slice(0, limit))}</ul>
    ${rest.length
      ? html`<details class="w-more"><summary>${context.ui.strings.t("actions.showMore")}</summary><ul>${context.all(rest)}</ul></details>`
      : nothing}
  </div>`;
};

export const listViewItem: WidgetView = (node, context) => {
  const body = html`<div class="w-box row" ${styles({ gap: space(node["gap"]) ?? "12px", "align-items": boxStyles(node)["align-items"] ?? "center" })}>
    ${context.all(children(node))}
  </div>`;
  const action = asAction(node["onClickAction"]);
  if (!action) return html`<li class="w-item">${body}</li>`;
  const onClick = (event: Event) => context.run(node, action, event.currentTarget as HTMLElement);
  return html`<li class="w-item"><button type="button" class="w-item-button" aria-busy=${context.pending === node} @click=${onClick}>${body}</button></li>`;
};

const boxOf =
  (direction: "row" | "col" | null): WidgetView =>
  (node, context) => {
    const row = (direction ?? text(node["direction"])) === "row";
    return html`<div class="w-box ${row ? "row" : ""}" ${styles(boxStyles(node))}>${context.all(children(node))}</div>`;
  };

export const box = boxOf(null);
export const row = boxOf("row");
export const col = boxOf("col");

export const form: WidgetView = (node, context) => {
  const onSubmit = (event: Event) => {
    event.preventDefault();
    context.run(node, node["onSubmitAction"], event.currentTarget as HTMLElement);
  };
  return html`<form class="w-box ${text(node["direction"]) === "row" ? "row" : ""}" ${styles(boxStyles(node))} @submit=${onSubmit}>
    ${context.all(children(node))}
  </form>`;
};

export const spacer: WidgetView = (node) =>
  html`<div class="w-spacer" ${styles({ "min-width": length(node["minSize"]), "min-height": length(node["minSize"]) })}></div>`;

export const divider: WidgetView = (node) =>
  html`<hr
    class="w-divider ${node["flush"] ? "flush" : ""}"
    ${styles({
      "border-block-start-color": color(node["color"]),
      "border-block-start-width": length(node["size"]),
      "margin-block": space(node["spacing"]),
    })}
  />`;

/** Animation of its one child is decoration; the child is what matters. */
export const transition: WidgetView = (node, context) => html`${context.all(children(node))}`;

export const table: WidgetView = (node, context) => {
  const rows = children(node);
  const cells = (tableRow: WidgetNode, header: boolean) =>
    children(tableRow).map((cell) => {
      const place = styles({ ...blockStyles(cell), "text-align": text(cell["align"]) || undefined });
      const span = Math.min(Number(cell["colSpan"]) || 1, 50);
      return header
        ? html`<th scope="col" colspan=${span} ${place}>${context.all(children(cell))}</th>`
        : html`<td colspan=${span} ${place}>${context.all(children(cell))}</td>`;
    });
  return html`<div class="table-scroll" tabindex="0">
    <table>
      ${rows.map((tableRow) => html`<tr>${cells(tableRow, tableRow["header"] === true)}</tr>`)}
    </table>
  </div>`;
};

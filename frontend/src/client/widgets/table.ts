import { html } from "lit";
import type { WidgetNode } from "../protocol/types";
import { sides } from "./box";
import type { WidgetContext, WidgetView } from "./context";
import { styles } from "./style";
import { children, classes, count, length, text } from "./values";

const MOST_CELLS = 50;
const VERTICAL: Record<string, string> = { start: "top", center: "middle", end: "bottom" };

function cell(node: WidgetNode, header: boolean, context: WidgetContext) {
  const place = styles({
    width: length(node["width"]),
    ...sides("padding", node["padding"]),
    "vertical-align": VERTICAL[text(node["vAlign"])],
  });
  const name = classes("w-cell", node["align"], text(node["colSize"]) && `col-${text(node["colSize"])}`);
  const columns = count(node["colSpan"], MOST_CELLS) ?? 1;
  const rows = count(node["rowSpan"], MOST_CELLS) ?? 1;
  const body = html`<div class="w-box">${context.all(children(node))}</div>`;
  return header
    ? html`<th scope="col" class=${name} colspan=${columns} rowspan=${rows} ${place}>${body}</th>`
    : html`<td class=${name} colspan=${columns} rowspan=${rows} ${place}>${body}</td>`;
}

function rows(nodes: WidgetNode[], context: WidgetContext) {
  return nodes.map((node) => {
    const header = node["header"] === true;
    return html`<tr class=${classes("w-row", header && "heads")}>
      ${children(node).map((child) => cell(child, header, context))}
    </tr>`;
  });
}

/** Rows that say they are headers, at the top, head the table. Whatever is wider than its place scrolls by itself. */
export const table: WidgetView = (node, context) => {
  const all = children(node);
  const body = all.findIndex((row) => row["header"] !== true);
  const split = body < 0 ? all.length : body;
  return html`<div class="w-table table-scroll" tabindex="0" role="group" aria-label=${context.ui.strings.t("widget.table")}>
    <table>
      <thead>
        ${rows(all.slice(0, split), context)}
      </thead>
      <tbody>
        ${rows(all.slice(split), context)}
      </tbody>
    </table>
  </div>`;
};

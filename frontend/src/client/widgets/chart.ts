import { html, type PropertyValues } from "lit";
import { property, query, state } from "lit/decorators.js";
import { LightElement } from "../components/light-element";
import type { Ui } from "../components/ui";
import type { WidgetNode } from "../protocol/types";
import { blockStyles } from "./box";
import { type ChartData, readChart } from "./chart/data";
import type { Drawing } from "./chart/draw";
import type { WidgetView } from "./context";
import { styles } from "./style";
import { classes } from "./values";

export const chart: WidgetView = (node, { ui }) =>
  html`<figure class="w-chart" ${styles(blockStyles(node))}><ck-chart .node=${node} .ui=${ui}></ck-chart></figure>`;

/**
 * A chart. Its drawing comes with the first one; its numbers are always there as a table, for those who hear them, and for all where
 * the drawing cannot be had.
 */
export class ChartElement extends LightElement {
  @property({ attribute: false }) node!: WidgetNode;
  @property({ attribute: false }) ui!: Ui;
  @state() private failed = false;
  @query("canvas") private canvas!: HTMLCanvasElement | null;
  private data!: ChartData;
  private drawing: Drawing | null = null;
  private readonly prefersDark = matchMedia("(prefers-color-scheme: dark)");

  override connectedCallback() {
    super.connectedCallback();
    this.prefersDark.addEventListener("change", this.redraw);
    if (this.hasUpdated) void this.draw();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.prefersDark.removeEventListener("change", this.redraw);
    this.drawing?.destroy();
    this.drawing = null;
  }

  protected override willUpdate(changed: PropertyValues) {
    super.willUpdate(changed);
    if (changed.has("node")) this.data = readChart(this.node);
  }

  protected override render() {
    return html`${this.failed ? "" : html`<div class="w-canvas"><canvas aria-hidden="true"></canvas></div>`} ${this.legend()} ${this.table()}`;
  }

  protected override updated() {
    void this.draw();
  }

  private legend() {
    if (!this.data.showLegend || this.failed) return "";
    return html`<ul class="w-legend" aria-hidden="true">
      ${this.data.series.map(
        ({ label, color, type }) => html`<li><i class=${classes("w-swatch", type)} ${styles({ background: color })}></i>${label}</li>`,
      )}
    </ul>`;
  }

  private table() {
    const { series, rows } = this.data;
    const number = new Intl.NumberFormat(this.ui.strings.locale);
    const names = series.map(({ label }) => label).join(", ");
    return html`<div class=${this.failed ? "w-table table-scroll" : "sr-only"}>
      <table>
        <caption>
          ${this.ui.strings.t("widget.chart", { names })}
        </caption>
        <thead>
          <tr>
            <td></td>
            ${series.map(({ label }) => html`<th scope="col">${label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ name, values }) => html`<tr>
              <th scope="row">${name}</th>
              ${values.map((value) => html`<td>${value === null ? "–" : number.format(value)}</td>`)}
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  private readonly redraw = () => void this.draw();

  private async draw() {
    try {
      const { drawChart } = await import("./chart/draw");
      if (!this.isConnected || !this.canvas) return;
      // The theme may have changed as well as the numbers.
      this.drawing?.destroy();
      this.drawing = drawChart(this.canvas, this.data, this.ui.strings.locale, this.drawing === null);
    } catch {
      this.failed = true;
    }
  }
}

/** A Chart as it travels -> what is drawn and read out. */
import type { WidgetNode } from "../../protocol/types";
import { CHART, color } from "../colors";
import { text } from "../values";

const MOST_ROWS = 500;
const MOST_SERIES = 12;

export interface Series {
  type: "bar" | "area" | "line";
  label: string;
  stack: string | null;
  /** CSS, with the variables of the theme. */
  color: string;
  curve: string;
}

export interface Row {
  name: string;
  /** One for each series. */
  values: (number | null)[];
}

export interface ChartData {
  series: Series[];
  rows: Row[];
  showXAxis: boolean;
  showYAxis: boolean;
  showLegend: boolean;
  showTooltip: boolean;
  /** Pixels. */
  barGap: number | null;
  barCategoryGap: number | null;
}

type Fields = Record<string, unknown>;

const list = (value: unknown): Fields[] =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === "object" && entry !== null) : [];

const pixels = (value: unknown) => (typeof value === "number" && value >= 0 ? value : null);

export function readChart(node: WidgetNode): ChartData {
  const axis = (typeof node["xAxis"] === "object" && node["xAxis"] ? node["xAxis"] : { dataKey: node["xAxis"] }) as Fields;
  const names = (axis["labels"] ?? {}) as Fields;
  const found = list(node["series"]).slice(0, MOST_SERIES);
  const palette = Object.values(CHART);
  return {
    series: found.map((entry, index) => ({
      type: entry["type"] === "area" || entry["type"] === "line" ? entry["type"] : "bar",
      label: text(entry["label"]) || text(entry["dataKey"]),
      stack: text(entry["stack"]) || null,
      color: color(entry["color"], CHART) ?? palette[index % palette.length] ?? "currentColor",
      curve: text(entry["curveType"]),
    })),
    rows: list(node["data"]).slice(0, MOST_ROWS).map((row) => {
      const name = text(row[text(axis["dataKey"])]);
      return { name: text(names[name]) || name, values: found.map((entry) => numberOf(row[text(entry["dataKey"])])) };
    }),
    showXAxis: axis["hide"] !== true,
    showYAxis: node["showYAxis"] === true,
    showLegend: node["showLegend"] !== false,
    showTooltip: node["showTooltip"] !== false,
    barGap: pixels(node["barGap"]),
    barCategoryGap: pixels(node["barCategoryGap"]),
  };
}

function numberOf(value: unknown): number | null {
  const number = typeof value === "string" && value.trim() ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/** Readers of widget properties. Widgets come from models and templates: nothing in them is taken on trust. */
import type { WidgetNode } from "../protocol/types";

export const text = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";

/** A whole number between 1 and `most`, or nothing. */
export function count(value: unknown, most: number): number | undefined {
  return typeof value === "number" && value >= 1 ? Math.min(Math.floor(value), most) : undefined;
}

/** A list of classes: `name`, and those of `values` that can be one. */
export const classes = (name: string, ...values: unknown[]) =>
  [name, ...values.filter((value) => typeof value === "string" && /^[\w-]+$/.test(value))].join(" ");

const MOST_PIXELS = 4000;
export const pixels = (value: number) => `${Math.max(-MOST_PIXELS, Math.min(value, MOST_PIXELS))}px`;

/** Numbers are steps of the 4px grid, as in ChatKit; strings are CSS lengths. */
export function space(value: unknown): string | undefined {
  return typeof value === "number" ? pixels(value * 4) : cssValue(value);
}

export function length(value: unknown): string | undefined {
  return typeof value === "number" ? pixels(value) : cssValue(value);
}

/** A single CSS value; anything that could load something or reach out of its declaration is refused. */
export function cssValue(value: unknown): string | undefined {
  return typeof value === "string" && /^[\w\s#.,%()+*/-]{1,200}$/.test(value) && !/url|image|expression/i.test(value)
    ? value
    : undefined;
}

const ALIGN: Record<string, string> = {
  start: "flex-start", center: "center", end: "flex-end", baseline: "baseline", stretch: "stretch",
  between: "space-between", around: "space-around", evenly: "space-evenly",
};

export const align = (value: unknown) => ALIGN[text(value)];

export function children(node: WidgetNode): WidgetNode[] {
  const list = Array.isArray(node.children) ? node.children : node.children ? [node.children] : [];
  return list.filter((child) => typeof child === "object" && child !== null && typeof child.type === "string");
}

import type { WidgetNode } from "../protocol/types";
import type { StyleValues } from "./style";

/** Readers of widget properties. Widgets come from models and templates: nothing in them is taken on trust. */

export const text = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";

/** Numbers are steps of the 4px grid, as in ChatKit; strings are CSS lengths. */
export function space(value: unknown): string | undefined {
  if (typeof value === "number") return `${value * 4}px`;
  return cssValue(value);
}

export function length(value: unknown): string | undefined {
  if (typeof value === "number") return `${value}px`;
  return cssValue(value);
}

/** A single CSS value; anything that could load something or reach out of its declaration is refused. */
export function cssValue(value: unknown): string | undefined {
  return typeof value === "string" && /^[\w\s#.,%()+*/-]{1,80}$/.test(value) && !/url|image|expression/i.test(value)
    ? value
    : undefined;
}

const THEME_COLORS: Record<string, string> = {
  prose: "var(--ck-fg)",
  primary: "var(--ck-fg)",
  emphasis: "var(--ck-fg)",
  secondary: "var(--ck-muted)",
  tertiary: "var(--ck-muted)",
  success: "var(--ck-success)",
  warning: "var(--ck-warning)",
  caution: "var(--ck-warning)",
  danger: "var(--ck-danger)",
  info: "var(--ck-info)",
  discovery: "var(--ck-discovery)",
};

const SURFACES: Record<string, string> = {
  surface: "var(--ck-bg)",
  "surface-secondary": "var(--ck-subtle)",
  "surface-tertiary": "var(--ck-hover)",
  "surface-elevated": "var(--ck-raised)",
  "surface-elevated-secondary": "var(--ck-subtle)",
};

export function color(value: unknown): string | undefined {
  if (typeof value === "object" && value) {
    const { light, dark } = value as Record<string, unknown>;
    const [day, night] = [color(light), color(dark)];
    return day && night ? `light-dark(${day}, ${night})` : (day ?? night);
  }
  const name = text(value);
  return THEME_COLORS[name] ?? SURFACES[name] ?? cssValue(value);
}

const RADII: Record<string, string> = {
  none: "0", "2xs": "2px", xs: "4px", sm: "6px", md: "8px", lg: "10px", xl: "12px", "2xl": "16px", "3xl": "20px",
  "4xl": "24px", full: "9999px", "100%": "100%",
};

const ALIGN: Record<string, string> = {
  start: "flex-start", center: "center", end: "flex-end", baseline: "baseline", stretch: "stretch",
  between: "space-between", around: "space-around", evenly: "space-evenly",
};

export const align = (value: unknown) => ALIGN[text(value)];

function sides(property: string, value: unknown): StyleValues {
  if (typeof value !== "object" || !value) return { [property]: space(value) };
  const { top, right, bottom, left, x, y } = value as Record<string, unknown>;
  return {
    [`${property}-block-start`]: space(top ?? y),
    [`${property}-block-end`]: space(bottom ?? y),
    [`${property}-inline-start`]: space(left ?? x),
    [`${property}-inline-end`]: space(right ?? x),
  };
}

function borderLine(value: unknown): string | undefined {
  if (typeof value === "number") return `${value}px solid var(--ck-border)`;
  if (typeof value !== "object" || !value) return undefined;
  const { size, color: tone, style } = value as Record<string, unknown>;
  return `${Number(size) || 1}px ${cssValue(style) ?? "solid"} ${color(tone) ?? "var(--ck-border)"}`;
}

function borders(value: unknown): StyleValues {
  if (typeof value !== "object" || !value || "size" in value) return { border: borderLine(value) };
  const { top, right, bottom, left, x, y } = value as Record<string, unknown>;
  return {
    "border-block-start": borderLine(top ?? y),
    "border-block-end": borderLine(bottom ?? y),
    "border-inline-start": borderLine(left ?? x),
    "border-inline-end": borderLine(right ?? x),
  };
}

/** The styles that boxes and images share: size, margin, radius. */
export function blockStyles(node: WidgetNode): StyleValues {
  const side = (one: unknown, both: unknown) => length(one ?? both);
  return {
    width: side(node["width"], node["size"]),
    height: side(node["height"], node["size"]),
    "min-width": side(node["minWidth"], node["minSize"]),
    "min-height": side(node["minHeight"], node["minSize"]),
    "max-width": side(node["maxWidth"], node["maxSize"]),
    "max-height": side(node["maxHeight"], node["maxSize"]),
    "aspect-ratio": text(node["aspectRatio"]) ? cssValue(text(node["aspectRatio"])) : undefined,
    "border-radius": RADII[text(node["radius"])],
    flex: text(node["flex"]) ? cssValue(text(node["flex"])) : undefined,
    ...sides("margin", node["margin"]),
  };
}

export function boxStyles(node: WidgetNode): StyleValues {
  return {
    ...blockStyles(node),
    "align-items": align(node["align"]),
    "justify-content": align(node["justify"]),
    "flex-wrap": cssValue(node["wrap"]),
    gap: space(node["gap"]),
    background: color(node["background"]),
    ...sides("padding", node["padding"]),
    ...borders(node["border"]),
  };
}

export function children(node: WidgetNode): WidgetNode[] {
  const list = Array.isArray(node.children) ? node.children : node.children ? [node.children] : [];
  return list.filter((child) => typeof child === "object" && child !== null && typeof child.type === "string");
}

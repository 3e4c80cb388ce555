/** The CSS of boxes: what surrounds them, and how they lay out what is in them. */
import type { WidgetNode } from "../protocol/types";
import { BORDER, color, SURFACE } from "./colors";
import type { StyleValues } from "./style";
import { align, cssValue, length, pixels, space, text } from "./values";

const RADII: Record<string, string> = {
  none: "0", "2xs": "2px", xs: "4px", sm: "6px", md: "8px", lg: "10px", xl: "12px", "2xl": "16px", "3xl": "20px",
  "4xl": "24px", full: "9999px", "100%": "100%",
};

export function sides(property: string, value: unknown): StyleValues {
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
  if (typeof value === "number") return `${pixels(value)} solid var(--ck-border)`;
  if (typeof value !== "object" || !value) return undefined;
  const { size, color: tone, style } = value as Record<string, unknown>;
  return `${pixels(Number(size) || 1)} ${cssValue(style) ?? "solid"} ${color(tone, BORDER) ?? "var(--ck-border)"}`;
}

export function borders(value: unknown): StyleValues {
  if (typeof value !== "object" || !value || "size" in value) return { border: borderLine(value) };
  const { top, right, bottom, left, x, y } = value as Record<string, unknown>;
  return {
    "border-block-start": borderLine(top ?? y),
    "border-block-end": borderLine(bottom ?? y),
    "border-inline-start": borderLine(left ?? x),
    "border-inline-end": borderLine(right ?? x),
  };
}

/** The styles that boxes, images and charts share: size, margin, radius. */
export function blockStyles(node: WidgetNode): StyleValues {
  const side = (one: unknown, both: unknown) => length(one ?? both);
  return {
    width: side(node["width"], node["size"]),
    height: side(node["height"], node["size"]),
    "min-width": side(node["minWidth"], node["minSize"]),
    "min-height": side(node["minHeight"], node["minSize"]),
    "max-width": side(node["maxWidth"], node["maxSize"]),
    "max-height": side(node["maxHeight"], node["maxSize"]),
    "aspect-ratio": cssValue(text(node["aspectRatio"])),
    "border-radius": RADII[text(node["radius"])],
    flex: cssValue(text(node["flex"])),
    // What has a size keeps it, whatever stands beside it.
    "flex-shrink": typeof (node["width"] ?? node["size"]) === "number" ? "0" : undefined,
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
    background: color(node["background"], SURFACE),
    ...sides("padding", node["padding"]),
    ...borders(node["border"]),
  };
}

/** The colours that widgets name: tokens by what they are for, steps of a palette, CSS, or one for each scheme. */
import { cssValue, text } from "./values";

export type Tokens = Record<string, string>;

export const TEXT: Tokens = {
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

export const SURFACE: Tokens = {
  surface: "var(--ck-bg)",
  "surface-secondary": "var(--ck-subtle)",
  "surface-tertiary": "var(--ck-hover)",
  "surface-elevated": "var(--ck-raised)",
  "surface-elevated-secondary": "var(--ck-subtle)",
};

export const BORDER: Tokens = {
  default: "var(--ck-border)",
  subtle: "color-mix(in srgb, var(--ck-border) 60%, transparent)",
  strong: "var(--ck-border-strong)",
};

/** In the order in which series without a colour take them. Told apart also by those who see few colours. */
export const CHART: Tokens = {
  blue: "light-dark(#2a78d6, #5598e7)",
  orange: "light-dark(#d9692b, #e98a4f)",
  green: "light-dark(#1a8a5a, #3fb27f)",
  purple: "light-dark(#6a52c7, #9a86ea)",
  pink: "light-dark(#c94f8e, #e07fb1)",
  yellow: "light-dark(#b98a00, #d8ac2c)",
  red: "light-dark(#cc3d3d, #ea6f68)",
};

/** Hue and greatest chroma (oklch) of the palette. */
const HUES: Record<string, [hue: number, chroma: number]> = {
  gray: [0, 0],
  red: [25, 0.2],
  orange: [52, 0.17],
  yellow: [92, 0.16],
  green: [152, 0.16],
  blue: [256, 0.18],
  purple: [298, 0.19],
  pink: [352, 0.19],
};

/** `blue-500`: one step between white (0) and black (1000); `alpha-20`: that much of the text's colour. */
function step(name: string): string | undefined {
  const [, family = "", digits = ""] = /^([a-z]+)-(\d{1,4})$/.exec(name) ?? [];
  if (family === "alpha") return `color-mix(in srgb, var(--ck-fg) ${Math.min(Number(digits), 100)}%, transparent)`;
  const hue = Object.hasOwn(HUES, family) ? HUES[family] : undefined;
  if (!hue) return undefined;
  const depth = Math.min(Number(digits), 1000) / 1000;
  const lightness = family === "gray" ? 1 - depth * 0.95 : 0.985 - depth * 0.665;
  const chroma = hue[1] * Math.sin(Math.PI * depth ** 0.9);
  return `oklch(${lightness.toFixed(3)} ${chroma.toFixed(3)} ${hue[0]})`;
}

export function color(value: unknown, tokens: Tokens): string | undefined {
  if (typeof value === "object" && value) {
    const { light, dark } = value as Record<string, unknown>;
    const [day, night] = [color(light, tokens), color(dark, tokens)];
    return day && night && day !== night ? `light-dark(${day}, ${night})` : (day ?? night);
  }
  const name = text(value);
  return (Object.hasOwn(tokens, name) ? tokens[name] : undefined) ?? step(name) ?? cssValue(value);
}

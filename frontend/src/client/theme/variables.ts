import type { ColorScheme, ThemeOption } from "@openai/chatkit";
import { contrast, luminance, READABLE, readableOn } from "./color";

/** Signal colours, chosen to stay readable (AA) on the surface of their scheme. */
const SIGNALS: Record<ColorScheme, Record<string, string>> = {
  light: {
    danger: "#b42318",
    warning: "#8a5300",
    success: "#13693a",
    info: "#0b5cad",
    discovery: "#6338c9",
    link: "#0b57c2",
  },
  dark: {
    danger: "#ff9d92",
    warning: "#f3c272",
    success: "#7fd8a0",
    info: "#8ec4ff",
    discovery: "#c6b4ff",
    link: "#8ab8ff",
  },
};

const RADII: Record<NonNullable<ThemeOption["radius"]>, Record<string, string>> = {
  pill: { composer: "28px", bubble: "22px", card: "18px", control: "9999px", menu: "16px", item: "10px" },
  round: { composer: "18px", bubble: "18px", card: "14px", control: "12px", menu: "14px", item: "8px" },
  soft: { composer: "12px", bubble: "12px", card: "10px", control: "8px", menu: "10px", item: "6px" },
  sharp: { composer: "3px", bubble: "3px", card: "3px", control: "2px", menu: "3px", item: "2px" },
};

const SPACE = { compact: "0.8", normal: "1", spacious: "1.25" } as const;

const SANS =
  'ui-sans-serif, -apple-system, BlinkMacSystemFont, "Segoe UI Variable Text", "Segoe UI", Inter, Roboto, "Helvetica Neue", "Liberation Sans", Arial, "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji"';
const MONO =
  'ui-monospace, SFMono-Regular, "SF Mono", Menlo, "Cascadia Code", Consolas, "Liberation Mono", monospace';

function surface({ color }: ThemeOption, dark: boolean): { bg: string; fg: string } {
  const { hue = 0, tint = 0, shade = 0 } = color?.grayscale ?? {};
  const gray = (lightness: number, strength = 1) =>
    `oklch(${Math.min(1, lightness - shade * 0.012).toFixed(3)} ${(tint * 0.0045 * strength).toFixed(4)} ${hue})`;
  const plain = !color?.grayscale;
  return {
    bg: color?.surface?.background ?? (plain ? (dark ? "#212121" : "#ffffff") : gray(dark ? 0.248 : 0.995, dark ? 1 : 0.25)),
    fg: color?.surface?.foreground ?? (plain ? (dark ? "#ececec" : "#0d0d0d") : gray(dark ? 0.945 : 0.165, 0.6)),
  };
}

/**
 * The CSS custom properties of a theme. Everything but the two surface colours, the accent and the
 * signals is mixed from those, so that any surface a host chooses stays coherent.
 */
export function themeVariables(theme: ThemeOption, scheme: ColorScheme): Record<string, string> {
  const { bg, fg } = surface(theme, scheme === "dark");
  // A surface of the host's own may be of the other scheme: what is written on it goes by what it is.
  const light = theme.color?.surface && luminance(bg);
  const dark = typeof light === "number" ? light < 0.18 : scheme === "dark";
  const mix = (percent: number, color = fg) => `color-mix(in srgb, ${color} ${percent}%, ${bg})`;
  const accent = theme.color?.accent;
  const level = accent?.level ?? 0;
  const primary = accent?.primary ?? fg;
  const onPrimary = accent ? readableOn(accent.primary) : bg;
  const bubble = level === 3 ? primary : level ? mix(level === 2 ? 18 : 9, primary) : mix(dark ? 8 : 5);
  // Away from what is written on it, so that it can still be read.
  const deepened = (percent: number) => `color-mix(in srgb, ${primary} ${percent}%, ${onPrimary === "#ffffff" ? "black" : "white"})`;
  const signals = SIGNALS[dark ? "dark" : "light"];
  // Links also stand on what is pointed at, which is a little nearer to them than the plain surface.
  const readableLink = accent && contrast(accent.primary, mix(dark ? 10 : 6)) >= READABLE ? accent.primary : signals["link"];
  return {
    "color-scheme": scheme,
    "--ck-bg": bg,
    "--ck-fg": fg,
    "--ck-muted": mix(dark ? 70 : 68),
    "--ck-subtle": mix(dark ? 7 : 4),
    "--ck-hover": mix(dark ? 10 : 6),
    "--ck-pressed": mix(dark ? 16 : 10),
    "--ck-border": mix(dark ? 15 : 11),
    "--ck-border-strong": mix(dark ? 28 : 22),
    "--ck-raised": dark ? mix(7) : bg,
    "--ck-shadow": dark
      ? "0 1px 2px rgb(0 0 0 / 0.3), 0 8px 28px rgb(0 0 0 / 0.28)"
      : "0 1px 2px rgb(0 0 0 / 0.05), 0 6px 24px rgb(0 0 0 / 0.06)",
    "--ck-shadow-menu": dark
      ? "0 2px 6px rgb(0 0 0 / 0.35), 0 16px 48px rgb(0 0 0 / 0.45)"
      : "0 2px 6px rgb(0 0 0 / 0.06), 0 16px 48px rgb(0 0 0 / 0.14)",
    "--ck-accent": primary,
    "--ck-accent-hover": accent ? deepened(86) : mix(dark ? 86 : 84),
    "--ck-on-accent": onPrimary,
    "--ck-bubble": bubble,
    "--ck-on-bubble": level === 3 ? onPrimary : fg,
    "--ck-tag": level === 3 ? deepened(80) : `color-mix(in srgb, ${readableLink ?? fg} 14%, transparent)`,
    "--ck-link-color": readableLink ?? fg,
    "--ck-focus": readableLink ?? fg,
    ...Object.fromEntries(Object.entries(signals).map(([name, value]) => [`--ck-${name}`, value])),
    ...Object.fromEntries(
      Object.entries(RADII[theme.radius ?? "pill"]).map(([name, value]) => [`--ck-radius-${name}`, value]),
    ),
    "--ck-space": SPACE[theme.density ?? "normal"],
    "--ck-size": `${theme.typography?.baseSize ?? 16}px`,
    "--ck-sans": theme.typography?.fontFamily ?? SANS,
    "--ck-mono": theme.typography?.fontFamilyMono ?? MONO,
  };
}

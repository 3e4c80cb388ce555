/** WCAG AA for text. */
export const READABLE = 4.5;

/** Relative luminance (WCAG) of any CSS colour, or null where it cannot be measured. */
export function luminance(color: string): number | null {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext?.("2d", { willReadFrequently: true });
  if (!context) return null;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
  const linear = (channel: number) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

const WHITE = "#ffffff";
const INK = "#0d0d0d";

/** White or near-black as text on a colour, whichever can be read; black where only that can. */
export function readableOn(color: string): string {
  const value = luminance(color);
  if (value === null || 1.05 / (value + 0.05) >= READABLE) return WHITE;
  return contrast(color, INK) >= READABLE ? INK : "#000000";
}

/** WCAG contrast of two colours; 0 where it cannot be measured. */
export function contrast(first: string, second: string): number {
  const [a, b] = [luminance(first), luminance(second)];
  if (a === null || b === null) return 0;
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

import type { FontObject } from "@openai/chatkit";

const added = new Set<string>();

/** Makes web fonts available. Font faces belong to the document, so each is added once. */
export function addFonts(sources: readonly FontObject[] = []): void {
  for (const { family, src, weight, style, display, unicodeRange } of sources) {
    const key = JSON.stringify([family, src, weight, style, unicodeRange]);
    if (added.has(key)) continue;
    added.add(key);
    const face = new FontFace(family, `url(${JSON.stringify(src)})`, {
      weight: String(weight ?? "normal"),
      style: style ?? "normal",
      display: display ?? "swap",
      ...(unicodeRange ? { unicodeRange } : {}),
    });
    document.fonts.add(face);
  }
}

import type { Annotation, Source } from "../protocol/types";
import { CITE_CLOSE, CITE_OPEN } from "./sanitize";

export interface NumberedSource {
  number: number;
  source: Source;
}

const identity = (source: Source) =>
  source.url ?? source.filename ?? source.id ?? source.title ?? JSON.stringify(source);

/** Servers count characters, strings here count UTF-16 units: they differ after an emoji. */
function offsetOf(text: string, characters: number): number {
  let offset = 0;
  for (const character of text) {
    if (characters-- <= 0) break;
    offset += character.length;
  }
  return offset;
}

/** A place within a link moves behind it: a mark there would break the link. */
function behindLink(text: string, at: number): number {
  for (const link of text.matchAll(/!?\[[^[\]\n]*\]\([^)[\n]*\)/g)) {
    const end = link.index + link[0].length;
    if (link.index < at && at < end) return end;
  }
  return at;
}

/** The distinct sources of a text in the order they are cited, and the text with a mark at each place. */
export function citeSources(text: string, annotations: readonly Annotation[]) {
  const sources: NumberedSource[] = [];
  const marks: { at: number; number: number }[] = [];
  const byPlace = [...annotations].sort((a, b) => (a.index ?? Infinity) - (b.index ?? Infinity));
  for (const { source, index } of byPlace) {
    if (!source) continue;
    const key = identity(source);
    let known = sources.find((entry) => identity(entry.source) === key);
    if (!known) sources.push((known = { number: sources.length + 1, source }));
    if (typeof index === "number") marks.push({ at: behindLink(text, offsetOf(text, index)), number: known.number });
  }
  // Text from a model must not carry marks of its own. One character for one keeps the places right.
  let marked = text.replace(/[\uE200\uE201]/g, "\uFFFD");
  for (const { at, number } of marks.sort((a, b) => b.at - a.at)) {
    marked = `${marked.slice(0, at)}${CITE_OPEN}${number}${CITE_CLOSE}${marked.slice(at)}`;
  }
  return { marked, sources };
}

/** The address of a source, when it is one that may be opened. */
export function sourceUrl(source: Source): URL | null {
  if (source.type !== "url" || !source.url) return null;
  try {
    const url = new URL(source.url);
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}

/** The short name on the chip within the text. */
export function sourceLabel(source: Source): string {
  return (
    source.inline_label ??
    source.attribution ??
    sourceUrl(source)?.hostname.replace(/^www\./, "") ??
    source.label ??
    source.filename ??
    source.title ??
    ""
  );
}

export const sourceTitle = (source: Source) => source.title || source.filename || sourceLabel(source);

/**
 * The language of whoever reads. Options, pages and browsers all name one, and none can be relied on: under LANG=C WebKit
 * calls its language "C", and `Intl` raises a RangeError for a tag that it cannot read.
 */

/** What RFC 5646 asks of everybody to keep whole. */
const MAX_TAG_LENGTH = 35;

/** A language tag as `Intl` writes it, or null. POSIX names ("de_DE.UTF-8") are read, too. */
export function languageTag(given: unknown): string | null {
  if (typeof given !== "string") return null;
  const tag = (given.trim().split(/[.@]/, 1)[0] ?? "").replaceAll("_", "-");
  if (!tag || tag.length > MAX_TAG_LENGTH) return null;
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}

/** The first language tag that can be used: of `wanted`, then of the browser; English where there is none. */
export function readerLocale(...wanted: unknown[]): string {
  const browser = globalThis.navigator as Navigator | undefined;
  for (const given of [...wanted, browser?.language, ...(browser?.languages ?? [])]) {
    const tag = languageTag(given);
    if (tag) return tag;
  }
  return "en";
}

/** The language of a page that is not ours, as its <html> says, or the reader's. */
export const pageLocale = (): string => readerLocale(document.documentElement.lang);

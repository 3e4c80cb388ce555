/**
 * Words of scripts that are too small for a chunk of each language: one line for a language, or for a locale where that
 * is another one, with "|" between the words, in the order of the keys.
 */
export type Lines = Readonly<Record<string, string>>;

/** Locales that read the line of another one. */
const ALIASES: Lines = { "zh-hant": "zh-tw", "zh-hk": "zh-tw" };

/** The words for a locale: its own, its language's, or English ones. */
export function wordsFor<Key extends string>(keys: readonly Key[], lines: Lines, locale: string): Record<Key, string> {
  const wanted = locale.toLowerCase();
  const line = lines[ALIASES[wanted] ?? wanted] ?? lines[wanted.split("-")[0] ?? ""] ?? lines["en"] ?? "";
  const words = line.split("|");
  return Object.fromEntries(keys.map((key, at) => [key, words[at] ?? ""])) as Record<Key, string>;
}

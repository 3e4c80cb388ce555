import { de } from "./de";
import { en, type StringKey, type Strings } from "./en";

/** Translations by language; a locale falls back to its language, a language to English. */
const TABLES: Record<string, Strings> = { en, de };

const RTL = new Set(["ar", "dv", "fa", "he", "ps", "ur", "yi"]);

export interface Translator {
  locale: string;
  /** Direction of the whole surface, which follows the locale even where its strings are English. */
  dir: "ltr" | "rtl";
  t: (key: StringKey, values?: Record<string, string | number>) => string;
}

const languageOf = (locale: string) => locale.toLowerCase().split(/[-_]/)[0] ?? "en";

export function translator(requested: string | undefined): Translator {
  const locale = requested || globalThis.navigator?.language || "en";
  const table = TABLES[locale.toLowerCase()] ?? TABLES[languageOf(locale)] ?? en;
  return {
    locale,
    dir: RTL.has(languageOf(locale)) ? "rtl" : "ltr",
    t: (key, values = {}) =>
      table[key].replace(/\{(\w+)\}/g, (whole, name: string) =>
        name in values ? String(values[name]) : whole,
      ),
  };
}

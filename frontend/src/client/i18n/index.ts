import { en, type StringKey, type Strings } from "./en";

/** Translations by language or locale, each a chunk of its own. English is always there. */
const TABLES: Record<string, () => Promise<Strings>> = {
  de: () => import("./de").then((module) => module.de),
};

const RTL = new Set(["ar", "dv", "fa", "he", "ps", "ur", "yi"]);

export interface Translator {
  locale: string;
  /** Direction of the whole surface, which follows the locale even where its strings are English. */
  dir: "ltr" | "rtl";
  t: (key: StringKey, values?: Record<string, string | number>) => string;
}

const languageOf = (locale: string) => locale.toLowerCase().split(/[-_]/)[0] ?? "en";

export const resolveLocale = (requested: string | undefined) =>
  requested || globalThis.navigator?.language || "en";

/** The strings of a locale, or null when English serves it. */
export function loadStrings(locale: string): Promise<Strings> | null {
  const load = TABLES[locale.toLowerCase()] ?? TABLES[languageOf(locale)];
  return load?.() ?? null;
}

export function translator(locale: string, table: Strings = en): Translator {
  return {
    locale,
    dir: RTL.has(languageOf(locale)) ? "rtl" : "ltr",
    t: (key, values = {}) =>
      table[key].replace(/\{(\w+)\}/g, (whole, name: string) =>
        name in values ? String(values[name]) : whole,
      ),
  };
}

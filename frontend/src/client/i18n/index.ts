import { en, type StringKey, type Strings } from "./en";

/** Translations by language, or by locale where that is another one, each a chunk of its own. English is always there. */
const TABLES: Record<string, () => Promise<Strings>> = {
  ar: () => import("./ar").then((module) => module.ar),
  de: () => import("./de").then((module) => module.de),
  es: () => import("./es").then((module) => module.es),
  fr: () => import("./fr").then((module) => module.fr),
  he: () => import("./he").then((module) => module.he),
  it: () => import("./it").then((module) => module.it),
  ja: () => import("./ja").then((module) => module.ja),
  ko: () => import("./ko").then((module) => module.ko),
  nl: () => import("./nl").then((module) => module.nl),
  pl: () => import("./pl").then((module) => module.pl),
  pt: () => import("./pt-br").then((module) => module.ptBR),
  sv: () => import("./sv").then((module) => module.sv),
  tr: () => import("./tr").then((module) => module.tr),
  uk: () => import("./uk").then((module) => module.uk),
  zh: () => import("./zh-cn").then((module) => module.zhCN),
  "zh-hant": () => import("./zh-tw").then((module) => module.zhTW),
  "zh-hk": () => import("./zh-tw").then((module) => module.zhTW),
  "zh-tw": () => import("./zh-tw").then((module) => module.zhTW),
};

/** The languages and locales that have strings of their own; every other one gets English. */
export const TRANSLATED = Object.keys(TABLES);

const RTL = new Set(["ar", "dv", "fa", "he", "ps", "ur", "yi"]);

export interface Translator {
  locale: string;
  /** Direction of the whole surface, which follows the locale even where its strings are English. */
  dir: "ltr" | "rtl";
  t: (key: StringKey, values?: Record<string, string | number>) => string;
}

const languageOf = (locale: string) => locale.toLowerCase().split(/[-_]/)[0] ?? "en";

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

import type { SupportedLocale } from "@openai/chatkit";
import { describe, expect, it } from "vitest";
import { loadStrings, translator, TRANSLATED } from "../../src/client/i18n";
import { en } from "../../src/client/i18n/en";
import * as embed from "../../src/embed/texts";
import * as loader from "../../src/loader/texts";

const values = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe.each(TRANSLATED)("the strings of %s", (locale) => {
  it("are complete and keep their values", async () => {
    const strings = await loadStrings(locale);
    expect(Object.keys(strings ?? {}).sort()).toEqual(Object.keys(en).sort());
    for (const [key, text] of Object.entries(en)) {
      const translated = strings?.[key as keyof typeof en] ?? "";
      expect(translated.trim(), key).not.toBe("");
      expect(values(translated), key).toEqual(values(text));
    }
  });

  it("name the landmarks of the page apart", async () => {
    const strings = await loadStrings(locale);
    expect(strings?.["app.label"]).not.toBe(strings?.["messages.label"]);
  });

  it("are another language", async () => {
    const strings = await loadStrings(locale);
    const same = Object.entries(en).filter(([key, text]) => strings?.[key as keyof typeof en] === text);
    expect(same.length).toBeLessThan(10);
  });
});

/** Of ChatKit's list: regions of a language that is there, languages that are not, and both kinds of Chinese. */
const CHOSEN: Record<string, string | null> = {
  "de-DE": "Nachricht senden",
  "fr-CA": "Envoyer le message",
  "es-419": "Enviar mensaje",
  "pt-PT": "Enviar mensagem",
  "zh-Hant": "傳送訊息",
  "zh-HK": "傳送訊息",
  "zh-CN": "发送消息",
  "sw-TZ": null,
  ur: null,
  en: null,
} satisfies Partial<Record<SupportedLocale, string | null>>;

it.each(Object.entries(CHOSEN))("%s gets its strings, or English", async (locale, words) => {
  expect((await loadStrings(locale))?.["composer.send"] ?? null).toBe(words);
});

it("follows the locale in direction even where it speaks English", () => {
  expect(translator("ur").dir).toBe("rtl");
  expect(translator("ar").dir).toBe("rtl");
  expect(translator("en").dir).toBe("ltr");
});

describe.each([
  ["loader", loader.textsFor],
  ["launcher", embed.textsFor],
])("the %s", (_name, textsFor: (locale: string) => Record<string, string>) => {
  it.each(TRANSLATED)("speaks %s too", (locale) => {
    const english = textsFor("en");
    for (const [key, text] of Object.entries(textsFor(locale))) {
      expect(text, key).not.toBe("");
      expect(text, key).not.toBe(english[key]);
      expect(values(text), key).toEqual(values(english[key] ?? ""));
    }
  });

  it("finds the words of regions, and has English ones for others", () => {
    expect(textsFor("de-AT")).toEqual(textsFor("de"));
    expect(textsFor("zh-Hant")).toEqual(textsFor("zh-TW"));
    expect(textsFor("zh-HK")).not.toEqual(textsFor("zh-CN"));
    expect(textsFor("sw-TZ")).toEqual(textsFor("en"));
  });
});

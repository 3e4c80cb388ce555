import { afterEach, describe, expect, it, vi } from "vitest";
import { languageTag, pageLocale, readerLocale } from "../src/locale";

afterEach(() => {
  vi.unstubAllGlobals();
  document.documentElement.removeAttribute("lang");
});

describe.each([
  ["de-DE", "de-DE"],
  ["PT-br", "pt-BR"],
  ["zh-hant", "zh-Hant"],
  ["en_US.UTF-8", "en-US"],
  ["de_DE@euro", "de-DE"],
  [" sv ", "sv"],
])("%j", (given, tag) => {
  it(`is ${tag}`, () => expect(languageTag(given)).toBe(tag));
});

const INVALID = ["C", "C.UTF-8", "", " ", "*", "e", "de-", "not a language", "en-US,en;q=0.8", "x".repeat(9), "en-".repeat(20) + "en", null, undefined, 7, ["de"]];

it.each(INVALID)("%j is no language, and Intl is never asked for it", (given) => {
  expect(languageTag(given)).toBeNull();
  vi.stubGlobal("navigator", { language: given, languages: [given, "fr"] });
  expect(readerLocale(given)).toBe("fr");
  document.documentElement.lang = String(given);
  expect(() => new Intl.NumberFormat(pageLocale())).not.toThrow();
});

it("is English where nobody names a language", () => {
  vi.stubGlobal("navigator", undefined);
  expect(readerLocale(undefined)).toBe("en");
  vi.stubGlobal("navigator", { language: "C" });
  expect(readerLocale()).toBe("en");
});

it("is what the options and the page say before what the browser says", () => {
  vi.stubGlobal("navigator", { language: "fr", languages: ["fr"] });
  expect(readerLocale("ja")).toBe("ja");
  document.documentElement.lang = "nl";
  expect(pageLocale()).toBe("nl");
});

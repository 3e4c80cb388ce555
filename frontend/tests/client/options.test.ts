import { describe, expect, it } from "vitest";
import { type Options, validateOptions } from "../../src/client/options/validate";

/** Every path of keys in a type, like ".composer.tools[].icon". Functions, and objects with keys of the page's own, have none. */
type Paths<T> = T extends (...args: never[]) => unknown
  ? never
  : T extends readonly (infer Element)[]
    ? `[]${Paths<Element>}`
    : T extends object
      ? string extends keyof T
        ? never
        : { [K in keyof T & string]-?: `.${K}` | `.${K}${Paths<NonNullable<T[K]>>}` }[keyof T & string]
      : never;

const f = () => undefined;
const api = { url: "/api/chatkit", domainKey: "local" };
const tool = { id: "search", label: "Search", icon: "globe" };
const font = { family: "Inter", src: "/inter.woff2" };

/**
 * A value that is refused for each option, and then those that are taken. The compiler holds the table to ChatKit's types:
 * an option that they gain or lose is an error here.
 */
const TABLE: Record<Paths<Options>, [bad: unknown, ...good: unknown[]]> = {
  ".api": ["/api", { url: "https://example.com/chatkit", domainKey: "" }],
  ".api.url": ["", "/api/chatkit", "https://example.com"],
  ".api.fetch": ["fetch", fetch],
  ".api.domainKey": [7, "local"],
  ".api.uploadStrategy": ["direct", { type: "two_phase" }],
  ".api.uploadStrategy.type": ["ftp", "direct"],
  ".api.uploadStrategy.uploadUrl": [null, "/upload"],
  ".locale": ["", "de-DE", "zh-Hant"],
  ".theme": ["system", "light", "dark", {}],
  ".theme.colorScheme": ["system", "light", "dark"],
  ".theme.typography": [16, {}],
  ".theme.typography.baseSize": [13, 14, 15, 16, 17, 18],
  ".theme.typography.fontSources": [font, [], [font]],
  ".theme.typography.fontSources[].family": ["", "Inter"],
  ".theme.typography.fontSources[].src": [null, "/inter.woff2"],
  ".theme.typography.fontSources[].weight": [true, 400, "100 900"],
  ".theme.typography.fontSources[].style": ["bold", "normal", "italic", "oblique"],
  ".theme.typography.fontSources[].display": ["now", "auto", "block", "swap", "fallback", "optional"],
  ".theme.typography.fontSources[].unicodeRange": [0, "U+0-7F"],
  ".theme.typography.fontFamily": [["Inter"], "Inter, sans-serif"],
  ".theme.typography.fontFamilyMono": [1, "monospace"],
  ".theme.radius": ["oval", "pill", "round", "soft", "sharp"],
  ".theme.density": ["dense", "compact", "normal", "spacious"],
  ".theme.color": ["#fff", {}],
  ".theme.color.grayscale": [220, { hue: 0, tint: 0 }],
  ".theme.color.grayscale.hue": [361, 0, 220, 360],
  ".theme.color.grayscale.tint": [10, 0, 9],
  ".theme.color.grayscale.shade": [-5, -4, 0, 4],
  ".theme.color.accent": ["#123456", { primary: "teal", level: 2 }],
  ".theme.color.accent.primary": ["", "#0f172a", "rgb(1 2 3)"],
  ".theme.color.accent.level": [4, 0, 1, 2, 3],
  ".theme.color.surface": ["#fff", { background: "#fff", foreground: "#000" }],
  ".theme.color.surface.background": ["", "#fff"],
  ".theme.color.surface.foreground": [0, "#000"],
  ".frameTitle": [null, "Chat"],
  ".initialThread": [5, null, "thr_1"],
  ".onClientTool": [{}, f],
  ".header": [false, {}],
  ".header.enabled": ["no", true, false],
  ".header.title": ["Hi", {}],
  ".header.title.enabled": [1, true, false],
  ".header.title.text": [null, "Hi"],
  ".header.leftAction": [f, { icon: "menu", onClick: f }],
  ".header.leftAction.icon": ["", "menu"],
  ".header.leftAction.onClick": ["go()", f],
  ".header.rightAction": [[], { icon: "close", onClick: f }],
  ".header.rightAction.icon": [null, "close"],
  ".header.rightAction.onClick": [{}, f],
  ".history": [true, {}],
  ".history.enabled": [0, true, false],
  ".history.showDelete": ["", true, false],
  ".history.showRename": [null, true, false],
  ".startScreen": ["Hi", {}],
  ".startScreen.greeting": [{}, "Hi", ""],
  ".startScreen.prompts": [{}, []],
  ".startScreen.prompts[].icon": [1, "bolt", "lucide:tent"],
  ".startScreen.prompts[].label": [null, "Help"],
  ".startScreen.prompts[].prompt": [7, "Help me", [{ type: "input_text", text: "Help me" }]],
  ".startScreen.prompts[].prompt[].type": ["text", "input_tag"],
  ".startScreen.prompts[].prompt[].text": [1, "@boots"],
  ".startScreen.prompts[].prompt[].id": [1, "boots"],
  ".startScreen.prompts[].prompt[].group": [[], "Things"],
  ".startScreen.prompts[].prompt[].data": ["x", {}, { any: { thing: [1] } }],
  ".startScreen.prompts[].prompt[].interactive": ["yes", true, false],
  ".threadItemActions": [true, {}],
  ".threadItemActions.feedback": ["up", true, false],
  ".threadItemActions.retry": [1, true, false],
  ".composer": [[], {}],
  ".composer.placeholder": [1, "Ask"],
  ".composer.attachments": [true, { enabled: false }],
  ".composer.attachments.enabled": ["yes", true, false],
  ".composer.attachments.maxSize": ["1 MB", 1_000_000, { "image/*": 1, "*": 2, "": 3 }],
  ".composer.attachments.maxCount": [-1, 0, 10],
  ".composer.attachments.accept": [[".png"], {}, { "image/png": [".png"] }],
  ".composer.tools": [tool, [], [tool]],
  ".composer.tools[].id": ["", "search"],
  ".composer.tools[].icon": [null, "globe", "lucide:tent"],
  ".composer.tools[].label": [1, "Search"],
  ".composer.tools[].shortLabel": [true, "S"],
  ".composer.tools[].placeholderOverride": [{}, "What for?"],
  ".composer.tools[].pinned": ["pinned", true, false],
  ".composer.tools[].persistent": [1, true, false],
  ".composer.models": ["gpt", []],
  ".composer.models[].id": ["", "small"],
  ".composer.models[].label": [null, "Small"],
  ".composer.models[].description": [1, "Fast"],
  ".composer.models[].disabled": ["no", true, false],
  ".composer.models[].default": [1, true, false],
  ".composer.dictation": [true, { enabled: true }],
  ".composer.dictation.enabled": ["on", true, false],
  ".disclaimer": ["Mind", { text: "Mind" }],
  ".disclaimer.text": [null, "**Mind**"],
  ".disclaimer.highContrast": ["high", true, false],
  ".entities": [f, {}],
  ".entities.onClick": ["click", f],
  ".entities.onTagSearch": [[], async () => []],
  ".entities.showComposerMenu": ["@", true, false],
  ".entities.onRequestPreview": [null, async () => ({ preview: null })],
  ".commands": [true, { enabled: true }],
  ".commands.enabled": ["/", true, false],
  ".commands.onSearch": [[], async () => []],
  ".commands.onSelect": [{}, async () => undefined],
  ".widgets": [f, {}],
  ".widgets.onAction": ["act", async () => undefined],
  ".thread": [true, {}],
  ".thread.autoScroll": ["smooth", true, false],
};

type Bag = Record<string, unknown>;

/** Options that name every key. */
function everything(): Bag {
  const options: Bag = {};
  // Whoever is inside another comes later in the table.
  for (const [path, [, ...good]] of Object.entries(TABLE)) {
    const inside = Object.keys(TABLE).some((other) => other.startsWith(`${path}.`));
    const hasElements = Object.keys(TABLE).some((other) => other.startsWith(`${path}[]`));
    place(options, path, hasElements ? [{}] : inside ? {} : good[0]);
  }
  return options;
}

function place(options: Bag, path: string, value: unknown) {
  const keys = keysOf(path);
  const last = keys.pop() as string;
  const parent = keys.reduce((bag, key) => bag[key] as Bag, options);
  parent[last] = value;
}

const keysOf = (path: string) => path.replaceAll("[]", ".0").slice(1).split(".");
/** A path as messages write it. */
const named = (path: string) => path.replaceAll("[]", "[0]").slice(1);

const withValue = (path: string, value: unknown) => {
  const options = everything();
  place(options, path, value);
  return options;
};

describe("validateOptions", () => {
  it("accepts everything that ChatKit's types name", () => {
    const options = everything();
    expect(validateOptions(options)).toBe(options);
  });

  it.each(Object.entries(TABLE))("knows what %s may be", (path, [bad, ...good]) => {
    for (const value of good) expect(() => validateOptions(withValue(path, value))).not.toThrow();
    expect(() => validateOptions(withValue(path, bad))).toThrow(`Invalid input at ${named(path)}: expected `);
  });

  const objects = Object.keys(TABLE).flatMap((path) => path.match(/^.+(?=\.)/) ?? []);
  it.each([...new Set(objects)])("refuses a key that is not one of %s", (path) => {
    expect(() => validateOptions(withValue(`${path}.surprise`, 1))).toThrow(`Unrecognized key "surprise" at ${named(path)}`);
  });

  it.each([
    [undefined, "Invalid input at options"],
    [{}, "Invalid input at api: expected a value"],
    [{ api: {} }, "Invalid input at api.url: expected a value"],
    [{ api: { getClientSecret: () => "" } }, "Invalid input at api: getClientSecret"],
    [{ api, colour: 1 }, 'Unrecognized key "colour"'],
    [{ api: { ...api, uploadStrategy: { type: "direct" } } }, "Invalid input at api.uploadStrategy.uploadUrl: expected a value"],
    [{ api, composer: { tools: [tool, { id: "a", label: "A" }] } }, "Invalid input at composer.tools[1].icon: expected a value"],
    [{ api, composer: { attachments: { enabled: true, maxSize: { "*": "x" } } } }, "Invalid input at composer.attachments.maxSize.*:"],
    [{ api, disclaimer: {} }, "Invalid input at disclaimer.text: expected a value"],
    [JSON.parse('{"api":{"url":"/x"},"__proto__":{"a":1}}'), 'Unrecognized key "__proto__"'],
  ])("refuses %j", (options, message) => {
    expect(() => validateOptions(options)).toThrow(message);
  });
});

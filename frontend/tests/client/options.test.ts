import { describe, expect, it } from "vitest";
import { validateOptions } from "../../src/client/options/validate";

const api = { url: "/api/chatkit", domainKey: "local" };

describe("validateOptions", () => {
  it("accepts everything that ChatKit's types name", () => {
    const options = {
      api: { ...api, fetch, uploadStrategy: { type: "direct", uploadUrl: "/upload" } },
      locale: "de-DE",
      theme: {
        colorScheme: "dark",
        radius: "soft",
        density: "compact",
        typography: { baseSize: 15, fontFamily: "Inter", fontSources: [{ family: "Inter", src: "/i.woff2", weight: 400 }] },
        color: {
          grayscale: { hue: 220, tint: 6, shade: -1 },
          accent: { primary: "#0f172a", level: 1 },
          surface: { background: "#fff", foreground: "#000" },
        },
      },
      frameTitle: "Chat",
      initialThread: null,
      onClientTool: () => ({}),
      header: { enabled: true, title: { text: "Hi" }, leftAction: { icon: "menu", onClick: () => undefined } },
      history: { enabled: true, showDelete: false, showRename: true },
      startScreen: {
        greeting: "Hi",
        prompts: [
          { label: "a", prompt: "b", icon: "bolt" },
          { label: "c", prompt: [{ type: "input_tag", id: "1", text: "x" }] },
        ],
      },
      threadItemActions: { feedback: true, retry: true },
      thread: { autoScroll: true },
      composer: {
        placeholder: "Ask",
        attachments: { enabled: true, maxSize: { "image/*": 1, "*": 2 }, accept: { "image/png": [".png"] } },
        tools: [{ id: "t", label: "T", icon: "globe", pinned: true }],
        models: [{ id: "m", label: "M", default: true }],
        dictation: { enabled: true },
      },
      disclaimer: { text: "x", highContrast: true },
      entities: { onTagSearch: async () => [], showComposerMenu: true, onClick: () => undefined },
      commands: { enabled: true },
      widgets: { onAction: async () => undefined },
    };
    expect(validateOptions(options)).toBe(options);
  });

  it.each([
    [undefined, "Invalid input at options"],
    [{}, "Invalid input at api"],
    [{ api: {} }, "Invalid input at api.url"],
    [{ api: { url: "" } }, "Invalid input at api.url"],
    [{ api: { getClientSecret: () => "" } }, "Invalid input at api: getClientSecret"],
    [{ api, colour: 1 }, 'Unrecognized key "colour"'],
    [{ api, composer: { tools: [{ id: "a", label: "A" }] } }, "Invalid input at composer.tools[0].icon"],
    [{ api, composer: { place: "x" } }, 'Unrecognized key "place" at composer'],
    [{ api, theme: "blue" }, "Invalid input at theme"],
    [{ api, theme: { typography: { baseSize: 12 } } }, "Invalid input at theme.typography.baseSize"],
    [{ api, theme: { color: { accent: { primary: "red", level: 9 } } } }, "Invalid input at theme.color.accent.level"],
    [{ api, initialThread: 5 }, "Invalid input at initialThread"],
    [{ api, onClientTool: "x" }, "Invalid input at onClientTool"],
    [{ api, disclaimer: {} }, "Invalid input at disclaimer.text"],
    [JSON.parse('{"api":{"url":"/x"},"__proto__":{"a":1}}'), 'Unrecognized key "__proto__"'],
  ])("refuses %j", (options, message) => {
    expect(() => validateOptions(options)).toThrow(message);
  });
});

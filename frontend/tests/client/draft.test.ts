import { describe, expect, it } from "vitest";
import { parseDeeplink } from "../../src/client/deeplink";
import { contentOf, draftFromContent, withWords } from "../../src/client/state/draft";
import { copyText, toTurns } from "../../src/client/state/turns";
import { formValues, withValues } from "../../src/client/widgets/action";
import { answered, asked } from "./factory";

describe("drafts", () => {
  it("give tags back as they came", () => {
    const content = [
      { type: "input_text" as const, text: "Ask " },
      { type: "input_tag" as const, id: "1", text: "Ada" },
      { type: "input_text" as const, text: " about it" },
    ];
    const draft = draftFromContent(content);
    expect(draft.text).toBe("Ask @Ada about it");
    expect(contentOf(draft)).toEqual(content);
    expect(contentOf({ ...draft, text: "Ask nobody" })).toEqual([{ type: "input_text", text: "Ask nobody" }]);
  });
});

describe("turns", () => {
  const items = [answered("w", "Welcome"), asked("u"), answered("a", "One"), answered("b", "Two")];

  it("begin with each user message", () => {
    const turns = toTurns(items);
    expect(turns.map(({ key }) => key)).toEqual(["w", "u"]);
    expect(turns[1] && copyText(turns[1])).toBe("One\n\nTwo");
  });

  it("keep their identity while nothing in them changes, also when older ones come in above", () => {
    const before = toTurns(items);
    const after = toTurns([asked("old"), ...items, asked("new")], before);
    expect(after[1]).not.toBe(before[0]);
    expect(after.find(({ key }) => key === "u")).toBe(before[1]);
  });
});

describe("widget actions", () => {
  it("carry the values of their form under dotted names, and overwrite nothing", () => {
    const { payload, collisions } = withValues({ id: 1 }, { "who.name": "Ada", id: 2, "__proto__.x": 1 });
    expect(payload).toMatchObject({ id: 1, who: { name: "Ada" } });
    expect(collisions).toEqual(["id"]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  it("read each kind of field", () => {
    const form = document.createElement("form");
    form.insertAdjacentHTML(
      "beforeend",
      '<input name=a value=x><input type=checkbox name=b checked><input type=radio name=c value=1><input type=radio name=c value=2 checked><input type=number name=d value=3><input name=off disabled>',
    );
    expect(formValues(form)).toEqual({ a: "x", b: true, c: "2", d: 3 });
  });
});

it.each([
  ["", "Hello", 0, 0, "Hello", 5],
  ["My boots", "old", 2, 3, "My old boots", 7],
  ["My ", "boots", 3, 3, "My boots", 8],
  ["My tent", "boots", 3, 7, "My boots", 8],
])("words go into %j where the caret is", (text, words, from, to, written, caret) => {
  expect(withWords(text, words, from, to)).toEqual({ text: written, caret });
});

describe("deep links", () => {
  it("name what to open and with what", () => {
    expect(parseDeeplink("chatkit-link://orders/open?id=7&x=a%20b")).toEqual({ name: "orders/open", data: { id: "7", x: "a b" } });
    expect(parseDeeplink("chatkit-link:%")).toEqual({ name: "%", data: {} });
  });
});

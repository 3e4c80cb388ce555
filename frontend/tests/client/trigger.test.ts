import { describe, expect, it } from "vitest";
import { contentOf, emptyDraft, withEntity } from "../../src/client/state/draft";
import { triggerAt } from "../../src/client/state/trigger";

const at = (text: string, caret = text.length) => triggerAt(text, caret);

describe("what asks for a menu", () => {
  it("is an @ at the beginning or after a space", () => {
    expect(at("@")).toEqual({ kind: "entity", query: "", from: 0, to: 1 });
    expect(at("about @blue bo")).toEqual({ kind: "entity", query: "blue bo", from: 6, to: 14 });
    expect(at("a @b c", 4)).toEqual({ kind: "entity", query: "b", from: 2, to: 4 });
  });

  it("is a / at the very beginning", () => {
    expect(at("/ti")).toEqual({ kind: "command", query: "ti", from: 0, to: 3 });
    expect(at(" /ti")).toBeNull();
  });

  it.each(["me@example.com", "1/2", "@a\nb", "@a  b", `@${"x".repeat(41)}`, ""])("is not %j", (text) => {
    expect(at(text)).toBeNull();
  });
});

describe("a choice", () => {
  it("takes the place of what was typed to find it", () => {
    const entity = { id: "thr_1", title: "Blue boots", group: "Conversations", interactive: true, data: { kind: "conversation" } };
    const draft = withEntity({ ...emptyDraft, text: "about @blu please" }, { from: 6, to: 10 }, entity);
    expect(draft.text).toBe("about @Blue boots  please");
    expect(contentOf(draft)).toEqual([
      { type: "input_text", text: "about " },
      { type: "input_tag", id: "thr_1", text: "Blue boots", group: "Conversations", interactive: true, data: { kind: "conversation" } },
      { type: "input_text", text: "  please" },
    ]);
  });

  it("that is a command leaves nothing of it", () => {
    expect(withEntity({ ...emptyDraft, text: "/ti" }, { from: 0, to: 3 }, null).text).toBe("");
  });
});

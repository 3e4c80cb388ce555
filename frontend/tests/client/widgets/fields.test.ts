import { afterEach, expect, it } from "vitest";
import type { WidgetNode } from "../../../src/client/protocol/types";
import { show } from "./render";

const only = async (node: object) => {
  const { element } = await show({ type: "Card", children: [node as WidgetNode] });
  return element.querySelector("input, textarea") as HTMLInputElement | HTMLTextAreaElement;
};

afterEach(() => document.body.replaceChildren());

it.each([
  { type: "Input", name: "field", defaultValue: "words", autoSelect: true },
  { type: "Textarea", name: "field", defaultValue: "words", autoSelect: true },
  { type: "Text", value: "words", editable: { name: "field", autoSelect: true } },
])("selects the words of a field that wants it: $type", async (node) => {
  const field = await only(node);
  field.focus();
  expect([field.selectionStart, field.selectionEnd]).toEqual([0, 5]);
});

it("checks a text area against its pattern as the browser checks an input", async () => {
  const area = await only({ type: "Textarea", name: "field", pattern: "[a-z ]+" });
  const write = (value: string) => {
    area.value = value;
    area.dispatchEvent(new Event("input"));
    return area.validity.valid;
  };
  expect([write("abc"), write("ABC"), write("two words"), write("")]).toEqual([true, false, true, true]);
});

it("takes the focus where it is wanted, but from nobody who writes", async () => {
  const wanting = { type: "Input", name: "field", autoFocus: true };
  expect(await only(wanting)).toBe(document.activeElement);
  const other = document.body.appendChild(document.createElement("textarea"));
  other.value = "Half a sen";
  other.focus();
  await only(wanting);
  expect(document.activeElement).toBe(other);
});

it("reads out what a Label says, and otherwise what the field says of itself", async () => {
  const { element } = await show({
    type: "Card",
    children: [
      { type: "Label", value: "Your name", fieldName: "who.name" },
      { type: "Input", name: "who.name", placeholder: "Ada" },
      { type: "Input", name: "mail", placeholder: "Mail" },
    ],
  });
  const [labelled, bare] = element.querySelectorAll("input");
  expect(labelled?.labels?.[0]?.textContent).toBe("Your name");
  expect(labelled?.hasAttribute("aria-label")).toBe(false);
  expect(bare?.getAttribute("aria-label")).toBe("Mail");
});

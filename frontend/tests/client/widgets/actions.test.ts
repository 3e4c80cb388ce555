import { afterEach, beforeAll, expect, it, vi } from "vitest";
import type { WidgetNode } from "../../../src/client/protocol/types";
import { show, settled, type Shown } from "./render";

const card = (...children: unknown[]): WidgetNode => ({ type: "Card", children: children as WidgetNode[] });
const button = (label: string, more: object = {}) => ({ type: "Button", label, ...more });
const press = (shown: Shown, words: string) =>
  [...shown.element.querySelectorAll("button")].find((one) => one.textContent?.trim() === words)?.click();
const field = <T extends HTMLElement>(shown: Shown, name: string) => {
  const found = shown.element.querySelector<T>(`[name="${name}"], [data-field="${name}"]`);
  if (!found) throw new Error(`There is no field ${name}.`);
  return found;
};
const submit = (shown: Shown) =>
  shown.element.querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));

beforeAll(() => {
  // jsdom draws nothing; that is said once.
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
});
afterEach(() => document.body.replaceChildren());

/** What looks busy while an action is under way. */
async function busyWith(loadingBehavior: string | undefined, widget: (action: object) => WidgetNode, start: (shown: Shown) => void) {
  const shown = await show(widget({ type: "tell", ...(loadingBehavior ? { loadingBehavior } : {}) }));
  start(shown);
  await settled(document.body);
  const { element } = shown;
  const busy = {
    whole: element.querySelector(".widget")?.hasAttribute("inert"),
    itself: [...element.querySelectorAll("button[aria-busy=true]")].map((one) => one.textContent?.trim()),
  };
  shown.finish();
  await vi.waitFor(() => expect(element.querySelector("[inert], [aria-busy=true]")).toBeNull());
  return busy;
}

const pressed = (action: object) => card(button("Go", { onClickAction: action }), button("Stay"));
const confirmed = (action: object): WidgetNode => ({ ...card(), confirm: { label: "Go", action } });
const changed = (action: object) => card({ type: "Checkbox", name: "tick", label: "Tick", onChangeAction: action });
const go = (shown: Shown) => press(shown, "Go");
const tick = (shown: Shown) => field(shown, "tick").dispatchEvent(new Event("change"));

it.each([
  ["a button", undefined, pressed, go, { whole: false, itself: ["Go"] }],
  ["a button, as a whole", "container", pressed, go, { whole: true, itself: [] }],
  ["a button, unseen", "none", pressed, go, { whole: false, itself: [] }],
  ["a card", undefined, confirmed, go, { whole: true, itself: [] }],
  ["a card's button", "self", confirmed, go, { whole: false, itself: ["Go"] }],
  ["a change", undefined, changed, tick, { whole: false, itself: [] }],
  ["a change, as a whole", "container", changed, tick, { whole: true, itself: [] }],
])("shows that an action of %s is under way", async (_name, behavior, widget, start, expected) => {
  expect(await busyWith(behavior, widget, start)).toEqual(expected);
});

it("runs one action at a time", async () => {
  const shown = await show(card(button("Go", { onClickAction: { type: "tell", loadingBehavior: "none" } })));
  press(shown, "Go");
  press(shown, "Go");
  expect(shown.asked.length).toBe(1);
  shown.finish();
  await vi.waitFor(() => {
    press(shown, "Go");
    expect(shown.asked.length).toBe(2);
  });
});

it("sends the values of the form with whatever starts in it", async () => {
  const shown = await show({
    type: "Card",
    asForm: true,
    confirm: { label: "Send", action: { type: "send" } },
    cancel: { label: "Leave", action: { type: "leave" } },
    children: [
      { type: "Text", value: "A trip", editable: { name: "trip.title" } },
      { type: "Input", name: "trip.days", inputType: "number", defaultValue: "3" },
      { type: "Select", name: "from", defaultValue: "b", options: [{ value: "a", label: "A" }, { value: "b", label: "B" }] },
      { type: "Select", name: "to", clearable: true, defaultValue: "a", options: [{ value: "a", label: "A" }] },
      { type: "DatePicker", name: "day", defaultValue: "2026-07-14T10:00:00Z" },
      { type: "RadioGroup", name: "level", defaultValue: "y", options: [{ value: "x", label: "X" }, { value: "y", label: "Y" }] },
      { type: "Checkbox", name: "dog", label: "Dog", defaultChecked: true },
      { type: "Textarea", name: "wishes", defaultValue: "None" },
      { type: "Input", name: "gone", defaultValue: "x", disabled: true },
      button("Try", { onClickAction: { type: "try" } }),
    ] as WidgetNode[],
  });
  const values = {
    "trip.title": "A trip", "trip.days": 3, from: "b", to: "a", day: "2026-07-14", level: "y", dog: true, wishes: "None",
  };
  const starts: [string, () => void][] = [
    ["send", () => void submit(shown)],
    ["leave", () => press(shown, "Leave")],
    ["try", () => press(shown, "Try")],
  ];
  for (const [type, start] of starts) {
    start();
    expect(shown.asked.at(-1)).toEqual({ action: { type }, values });
    shown.finish();
    await settled(document.body);
  }
});

it("picks from a list by its keyboard, and says so", async () => {
  const options = ["Graz", "Linz", "Wien", "Zürich"].map((label) => ({ value: label.toLowerCase(), label }));
  const shown = await show(card({ type: "Select", name: "city", searchable: true, options, onChangeAction: { type: "go" } }));
  shown.element.querySelector<HTMLElement>("[popover]")?.showPopover();
  await vi.waitFor(() => expect(shown.element.querySelector(".w-search")).toBe(document.activeElement));
  const search = document.activeElement as HTMLInputElement;
  search.value = "zur";
  search.dispatchEvent(new Event("input"));
  await settled(document.body);
  expect([...shown.element.querySelectorAll("[role=option]")].map((one) => one.textContent?.trim())).toEqual(["Zürich"]);
  search.value = "i";
  search.dispatchEvent(new Event("input"));
  await settled(document.body);
  search.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" }));
  search.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
  await vi.waitFor(() => expect(shown.asked).toEqual([{ action: { type: "go" }, values: { city: "wien" } }]));
  expect(shown.element.querySelector(".w-trigger")?.textContent).toContain("Wien");
});

it("keeps the fields of two widgets apart", async () => {
  const widget = card({ type: "Label", value: "Plan", fieldName: "plan" }, {
    type: "RadioGroup", name: "plan", options: [{ value: "a", label: "A" }, { value: "b", label: "B" }],
  });
  const [first, second] = [await show(widget, "wgt_a"), await show(widget, "wgt_b")];
  const radio = (shown: Shown) => field<HTMLInputElement>(shown, "plan");
  radio(first).checked = true;
  radio(second).checked = true;
  expect(radio(first).checked).toBe(true);
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

it("keeps what was written when components change their places", async () => {
  const input = (key: string) => ({ type: "Input", key, name: key }) as WidgetNode;
  const shown = await show(card(input("one"), input("two")));
  field<HTMLInputElement>(shown, "two").value = "kept";
  await shown.show(card({ type: "Text", value: "New" }, input("two"), input("one")));
  expect(field<HTMLInputElement>(shown, "two").value).toBe("kept");
});

it("closes a card once it has been dealt with, and opens it again", async () => {
  const shown = await show({ ...card({ type: "Title", value: "Booked" }), collapsed: true, confirm: { label: "Book", action: { type: "book" } } });
  expect(shown.element.querySelector("[role=heading]")).not.toBeNull();
  press(shown, "Book");
  shown.finish(false);
  await settled(document.body);
  expect(shown.element.querySelector("[role=heading]")).not.toBeNull();
  press(shown, "Book");
  shown.finish();
  await vi.waitFor(() => expect(shown.element.querySelector("[role=heading]")).toBeNull());
  press(shown, "Booked");
  await settled(document.body);
  expect(shown.element.querySelector("[role=heading]")?.textContent).toBe("Booked");
});

it("shows the rest of a long list and goes on there", async () => {
  const children = Array.from({ length: 9 }, (_, index) => ({ type: "ListViewItem", children: [{ type: "Text", value: `${index}` }] }));
  const shown = await show({ type: "ListView", limit: "auto", children });
  expect(shown.element.querySelectorAll("li").length).toBe(5);
  shown.element.querySelector<HTMLElement>(".w-more")?.click();
  await vi.waitFor(() => expect(document.activeElement?.textContent?.trim()).toBe("5"));
  expect(shown.element.querySelectorAll("li").length).toBe(9);
});

it("says where something is that it does not know, and draws the rest", async () => {
  const shown = await show(card({ type: "Hologram", depth: 3 }, { type: "Text", value: "Here", hover: true }));
  expect(shown.element.textContent).toContain("This content (Hologram) cannot be shown here.");
  expect(shown.element.textContent).toContain("Here");
});

it("survives a widget that is too deep", async () => {
  let deep: WidgetNode = { type: "Text", value: "deepest" };
  for (let depth = 0; depth < 500; depth++) deep = { type: "Box", children: [deep] };
  const shown = await show(card(deep, { type: "Text", value: "Here" }));
  expect(shown.element.textContent).not.toContain("deepest");
  expect(shown.element.textContent).toContain("Here");
});

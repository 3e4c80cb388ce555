import { expect, it } from "vitest";
import { type Align, placeBeside, type Side } from "../../src/client/components/place";

/** A box of 40 by 20 in a window of 1000 by 600, and a popover of 200 by 100 beside it. */
function placed(left: number, top: number, side?: Side, align?: Align) {
  Object.assign(globalThis, { innerWidth: 1000, innerHeight: 600 });
  const anchor = document.createElement("div");
  anchor.getBoundingClientRect = () => new DOMRect(left, top, 40, 20);
  const popover = document.createElement("div");
  Object.defineProperties(popover, { offsetWidth: { value: 200 }, offsetHeight: { value: 100 } });
  placeBeside(anchor, popover, side, align);
  return [parseInt(popover.style.left), parseInt(popover.style.top)];
}
globalThis.DOMRect ??= class {
  constructor(readonly x: number, readonly y: number, readonly width: number, readonly height: number) {}
  get left() { return this.x; }
  get top() { return this.y; }
  get right() { return this.x + this.width; }
  get bottom() { return this.y + this.height; }
} as unknown as typeof DOMRect;

it.each([
  ["bottom", "start", [500, 326]],
  ["bottom", "center", [420, 326]],
  ["bottom", "end", [340, 326]],
  ["top", "start", [500, 194]],
  ["left", "start", [294, 300]],
  ["right", "center", [546, 260]],
] as const)("stands %s, %s", (side, align, expected) => expect(placed(500, 300, side, align)).toEqual(expected));

it("turns to the other side where there is no room, and stays in the window", () => {
  expect(placed(500, 560, "bottom", "start")).toEqual([500, 454]);
  expect(placed(500, 10, "top", "start")).toEqual([500, 36]);
  expect(placed(960, 300, "bottom", "start")).toEqual([792, 326]);
  expect(placed(0, 300, "bottom", "end")).toEqual([8, 326]);
});

it("reaches to where there is more room, when nobody says how", () => {
  expect(placed(100, 300)).toEqual([100, 326]);
  expect(placed(800, 300)).toEqual([640, 326]);
});

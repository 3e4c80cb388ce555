export type Side = "top" | "bottom" | "left" | "right";
export type Align = "start" | "center" | "end";

const GAP = 6;
const MARGIN = 8;
const OPPOSITE = { top: "bottom", bottom: "top", left: "right", right: "left" } as const;

/**
 * Puts something in the top layer beside what it belongs to: on the wanted side, or on the other where there is more room, and always
 * within the window. Without `align` it reaches to where there is more room.
 */
export function placeBeside(anchor: Element, popup: HTMLElement, side: Side = "bottom", align?: Align) {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popup;
  const room = { top: at.top, bottom: innerHeight - at.bottom, left: at.left, right: innerWidth - at.right };
  const needed = (side === "top" || side === "bottom" ? height : width) + GAP + MARGIN;
  const chosen = room[side] < needed && room[OPPOSITE[side]] > room[side] ? OPPOSITE[side] : side;
  const along = (from: number, to: number, size: number, atEnd: boolean) =>
    align === "center" ? (from + to - size) / 2 : atEnd ? to - size : from;
  const rtl = getComputedStyle(anchor).direction === "rtl";
  const atEnd = align ? (align === "end") !== rtl : (at.left + at.right) / 2 > innerWidth / 2;
  const beside = { top: at.top - GAP - height, bottom: at.bottom + GAP, left: at.left - GAP - width, right: at.right + GAP };
  const upright = chosen === "top" || chosen === "bottom";
  const top = upright ? beside[chosen] : along(at.top, at.bottom, height, align === "end");
  const left = upright ? along(at.left, at.right, width, atEnd) : beside[chosen];
  const within = (value: number, size: number, whole: number) => `${Math.max(MARGIN, Math.min(value, whole - size - MARGIN))}px`;
  popup.style.setProperty("top", within(top, height, innerHeight));
  popup.style.setProperty("left", within(left, width, innerWidth));
}

const GAP = 6;
const MARGIN = 8;

/** Puts something in the top layer beside what it belongs to, where there is more room. */
export function placeBeside(anchor: Element, popup: HTMLElement) {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popup;
  const below = box.bottom + GAP + height <= innerHeight - MARGIN;
  const top = below ? box.bottom + GAP : Math.max(MARGIN, box.top - GAP - height);
  const middle = (box.left + box.right) / 2;
  const start = middle > innerWidth / 2 ? box.right - width : box.left;
  const left = Math.min(Math.max(MARGIN, start), innerWidth - width - MARGIN);
  popup.style.setProperty("top", `${top}px`);
  popup.style.setProperty("left", `${left}px`);
}

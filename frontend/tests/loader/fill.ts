/** Puts markup into a page of a test. */
export function fill(markup: string, into: Element = document.body): void {
  into.replaceChildren();
  into.insertAdjacentHTML("beforeend", markup);
}

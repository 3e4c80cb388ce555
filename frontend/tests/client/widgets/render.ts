/** Draws widgets as a thread does, and keeps what they ask of it. */
import { html, render } from "lit";
import type { Ui } from "../../../src/client/components/ui";
import { MarkdownElement } from "../../../src/client/components/markdown";
import { translator } from "../../../src/client/i18n";
import { IconElement } from "../../../src/client/icons/icon";
import type { WidgetNode } from "../../../src/client/protocol/types";
import type { ActionRequest } from "../../../src/client/widgets/action";
import { item } from "../factory";

// jsdom knows neither; both only matter to the eye.
globalThis.matchMedia ??= ((query: string) =>
  ({ media: query, matches: false, addEventListener() {}, removeEventListener() {} })) as unknown as typeof matchMedia;
const becomes = (newState: string) =>
  function (this: HTMLElement) {
    this.dispatchEvent(Object.assign(new Event("beforetoggle"), { newState }));
  };
HTMLElement.prototype.showPopover ??= becomes("open");
HTMLElement.prototype.hidePopover ??= becomes("closed");
Element.prototype.scrollIntoView ??= () => undefined;
// A page that has a calendar keeps its own: this one's is drawn in the browser's tests.
if (!customElements.get("calendar-date")) customElements.define("calendar-date", class extends HTMLElement {});
if (!customElements.get("ck-icon")) customElements.define("ck-icon", IconElement);
if (!customElements.get("ck-markdown")) customElements.define("ck-markdown", MarkdownElement);

export interface Shown {
  element: HTMLElement & { updateComplete: Promise<unknown> };
  asked: ActionRequest[];
  /** Lets the action under way end. */
  finish(done?: boolean): void;
  show(widget: WidgetNode): Promise<void>;
}

/** Shows a widget in a page of its own, and waits until all of it is drawn. */
export async function show(widget: WidgetNode, id = "wgt_1"): Promise<Shown> {
  await import("../../../src/client/widgets/define");
  const place = document.createElement("div");
  document.body.append(place);
  const asked: ActionRequest[] = [];
  let finish: (done: boolean) => void = () => undefined;
  const ui = {
    strings: translator("en"),
    policy: {
      isImageAllowed: (url: URL) => url.protocol === "data:",
      imageGate: (url: URL) => Object.assign(document.createElement("button"), { textContent: url.host }),
    },
    widgetAction: (_item: unknown, request: ActionRequest) => {
      asked.push(request);
      return new Promise<boolean>((resolve) => (finish = resolve));
    },
  } as unknown as Ui;
  const draw = async (node: WidgetNode) => {
    render(html`<ck-widget .ui=${ui} .item=${item("widget", { widget: node }, id)}></ck-widget>`, place);
    await settled(place);
  };
  await draw(widget);
  const element = place.querySelector("ck-widget") as Shown["element"];
  return { element, asked, finish: (done = true) => finish(done), show: draw };
}

/** Waits for an element, and for those in it that draw themselves. */
export async function settled(place: Element) {
  for (const element of place.querySelectorAll("ck-widget, ck-select, ck-date, ck-chart, ck-markdown")) {
    await (element as Shown["element"]).updateComplete;
  }
}

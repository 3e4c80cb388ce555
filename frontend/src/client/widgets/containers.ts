/** The roots of widgets: cards, lists, and boxes without a frame. */
import { html, nothing } from "lit";
import type { WidgetNode } from "../protocol/types";
import { asAction } from "./action";
import { borders, boxStyles, sides } from "./box";
import { color, SURFACE } from "./colors";
import type { WidgetContext, WidgetView } from "./context";
import { styles } from "./style";
import { align, children, classes, count, space, text } from "./values";

/** How many items `limit: "auto"` shows, and `limit` at most. */
const AUTO_LIMIT = 5;
const MOST_ITEMS = 1000;

/** The class of a scheme of its own, for which the theme has a rule. */
const schemeOf = (node: WidgetNode) => (/^(light|dark)$/.test(text(node["theme"])) ? `scheme-${text(node["theme"])}` : "");

interface Status {
  text?: unknown;
  icon?: unknown;
  favicon?: unknown;
  frame?: unknown;
}

const statusOf = (node: WidgetNode) => (node["status"] ?? {}) as Status;

function status(node: WidgetNode, { ui }: WidgetContext) {
  const { text: words, icon, favicon, frame } = statusOf(node);
  if (!text(words)) return nothing;
  return html`<div class="w-status">
    ${text(icon) ? html`<ck-icon name=${text(icon)}></ck-icon>` : faviconOf(text(favicon), frame === true, ui.policy)}
    <span dir="auto">${text(words)}</span>
  </div>`;
}

/** Too small for a button that asks before it loads: where that is needed, a globe stands for it. */
function faviconOf(address: string, frame: boolean, policy: WidgetContext["ui"]["policy"]) {
  if (!address) return nothing;
  const url = URL.canParse(address, document.baseURI) ? new URL(address, document.baseURI) : null;
  if (!url || !/^(?:https?|data):$/.test(url.protocol) || !policy.isImageAllowed(url)) {
    return html`<ck-icon name="globe"></ck-icon>`;
  }
  return html`<img class=${classes("w-favicon", frame && "frame")} src=${url.href} alt="" referrerpolicy="no-referrer" />`;
}

type CardButton = { label?: unknown; action?: unknown };

/** The buttons of a card. Once one has done its work, the card may close. */
function footer(node: WidgetNode, context: WidgetContext, run: (part: CardButton, element: HTMLElement) => void) {
  const button = (key: "confirm" | "cancel") => {
    const part = node[key] as CardButton | undefined;
    if (!part || typeof part !== "object") return nothing;
    const submits = key === "confirm" && node["asForm"] === true;
    const onClick = (event: Event) => {
      if (!submits) run(part, event.currentTarget as HTMLElement);
    };
    const busy = context.isBusy(part);
    return html`<button
      type=${submits ? "submit" : "button"}
      class="button w-button ${key === "confirm" ? "solid primary" : "outline"}"
      aria-busy=${busy}
      ?disabled=${busy}
      @click=${onClick}
    >
      ${text(part.label) || context.ui.strings.t(key === "confirm" ? "actions.confirm" : "actions.cancel")}
    </button>`;
  };
  if (!node["confirm"] && !node["cancel"]) return nothing;
  return html`<div class="w-footer">${button("cancel")}${button("confirm")}</div>`;
}

/** What a closed card is called: its status, or its first title. */
function nameOf(node: WidgetNode): string {
  const own = text(statusOf(node).text) || (node.type === "Title" ? text(node["value"]) : "");
  if (own) return own;
  for (const child of children(node)) {
    const found = nameOf(child);
    if (found) return found;
  }
  return "";
}

export const card: WidgetView = (node, context) => {
  const acts = Boolean(node["confirm"] || node["cancel"]);
  // A card that still waits for an answer stays open: closed is what has been dealt with.
  const closes = node["collapsed"] === true && (!acts || context.has("done"));
  const run = (part: CardButton, element: HTMLElement) =>
    void context.run({ action: part.action, part, element, auto: "container" }).then((done) => done && context.set("done"));
  const body =
    closes && !context.has("opened")
      ? toggle(node, context)
      : html`
          ${closes ? toggle(node, context) : status(node, context)}
          <div class="w-card-body">${context.all(children(node))}</div>
          ${footer(node, context, run)}
        `;
  const frame = styles({
    background: color(node["background"], SURFACE),
    ...sides("padding", node["padding"]),
    ...borders(node["border"]),
  });
  const name = classes("card w-card", text(node["size"]) || "md", schemeOf(node), closes && "closes");
  if (node["asForm"] !== true) return html`<div class=${name} ${frame}>${body}</div>`;
  const onSubmit = (event: Event) => {
    event.preventDefault();
    run((node["confirm"] ?? node) as CardButton, event.currentTarget as HTMLElement);
  };
  return html`<form class=${name} ${frame} @submit=${onSubmit}>${body}</form>`;
};

function toggle(node: WidgetNode, context: WidgetContext) {
  const open = context.has("opened");
  const onClick = () => void context.set("opened", !open);
  const { icon } = statusOf(node);
  return html`<button type="button" class="w-disclosure" aria-expanded=${open} @click=${onClick}>
    ${text(icon) ? html`<ck-icon name=${text(icon)}></ck-icon>` : nothing}
    <span dir="auto">${nameOf(node) || context.ui.strings.t("widget.details")}</span>
    <ck-icon class="w-chevron" name="chevron-down"></ck-icon>
  </button>`;
}

export const basic: WidgetView = (node, context) =>
  html`<div
    class=${classes("w-box w-basic", text(node["direction"]) === "row" && "row", schemeOf(node))}
    ${styles(boxStyles(node))}
  >
    ${context.all(children(node))}
  </div>`;

export const listView: WidgetView = (node, context) => {
  const items = children(node);
  const wanted = node["limit"] === "auto" ? AUTO_LIMIT : (count(node["limit"], MOST_ITEMS) ?? items.length);
  // A button that would only uncover one more is longer than that one.
  const limit = node["limit"] === "auto" && items.length === wanted + 1 ? items.length : wanted;
  const whole = context.has("whole") || items.length <= limit;
  const onMore = async (event: Event) => {
    const list = (event.currentTarget as HTMLElement).previousElementSibling;
    await context.set("whole");
    const next = list?.children[limit];
    (next?.querySelector<HTMLElement>("button, a[href], input") ?? (next as HTMLElement | undefined))?.focus();
  };
  return html`<div class=${classes("card w-list", schemeOf(node))}>
    ${status(node, context)}
    <ul>
      ${context.all(whole ? items : items.slice(0, limit))}
    </ul>
    ${whole
      ? nothing
      : html`<button type="button" class="w-more" @click=${onMore}>
          ${context.ui.strings.t("actions.showMore")} <span class="w-count">${items.length - limit}</span>
        </button>`}
  </div>`;
};

export const listViewItem: WidgetView = (node, context) => {
  const body = html`<div
    class="w-box row"
    ${styles({ gap: space(node["gap"]) ?? "12px", "align-items": align(node["align"]) ?? "center" })}
  >
    ${context.all(children(node))}
  </div>`;
  const action = asAction(node["onClickAction"]);
  if (!action) return html`<li class="w-item" tabindex="-1">${body}</li>`;
  const busy = context.isBusy(node);
  const onClick = (event: Event) =>
    void context.run({ action, part: node, element: event.currentTarget as HTMLElement, auto: "self" });
  return html`<li class="w-item">
    <button type="button" class="w-item-button" aria-busy=${busy} ?disabled=${busy} @click=${onClick}>${body}</button>
  </li>`;
};

import type { OpenAIChatKit } from "@openai/chatkit";
import type { Texts } from "./texts";

const CSS = `
.chatplatform-ask {
  position: fixed; inset: auto; margin: 0; min-height: 32px; padding: 4px 14px; border: 1px solid color-mix(in srgb, CanvasText 20%, Canvas);
  border-radius: 16px; background: Canvas; color: CanvasText; font: 500 14px/1.4 system-ui, sans-serif; cursor: pointer;
  box-shadow: 0 2px 12px rgb(0 0 0 / 0.18);
}
.chatplatform-ask:hover { background: color-mix(in srgb, CanvasText 8%, Canvas); }
.chatplatform-ask:focus-visible { outline: 2px solid Highlight; outline-offset: 2px; }
@media (pointer: coarse) { .chatplatform-ask { min-height: 44px; border-radius: 22px; } }
`;
const SHORTEST = 3;
const LONGEST = 4000;
const GAP = 8;
/** Selecting goes on while the mouse moves; the button waits until it is over. */
const PAUSE_MS = 200;

/**
 * "Ask about this": a button at what is selected on the page. Tab goes to it from the selection, Escape sends it away,
 * and pressing it quotes the words in the composer. Within `[data-no-ask]` there is none.
 */
export function offerToAsk(chat: OpenAIChatKit, texts: Texts): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const button = document.createElement("button");
  button.type = "button";
  button.className = "chatplatform-ask";
  button.dir = "auto";
  button.popover = "manual";
  button.textContent = texts.ask;
  button.setAttribute("aria-keyshortcuts", "Tab");
  document.body.append(button);
  let quote = "";
  let timer: ReturnType<typeof setTimeout> | undefined;

  const hide = () => {
    quote = "";
    if (button.matches(":popover-open")) button.hidePopover();
  };
  const look = () => {
    const range = selectedRange(chat);
    if (!range) return hide();
    quote = range.toString().trim().slice(0, LONGEST);
    button.showPopover();
    place(button, range);
  };
  document.addEventListener("selectionchange", () => {
    if (document.activeElement === button) return;
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  document.addEventListener("scroll", hide, { capture: true, passive: true });
  document.addEventListener("keydown", (event) => {
    if (!quote || event.defaultPrevented) return;
    if (event.key === "Escape") hide();
    else if (event.key === "Tab" && !event.shiftKey && document.activeElement !== button) {
      event.preventDefault();
      button.focus();
    }
  });
  // Pressing must not end the selection before it was read.
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    const reply = quote;
    hide();
    document.getSelection()?.removeAllRanges();
    chat.scrollIntoView({ block: "nearest" });
    void chat.setComposerValue({ reply }).then(() => chat.focusComposer());
  });
}

/** What is selected on the page, unless that is within the chat, a field, or where nobody shall ask. */
function selectedRange(chat: Element): Range | null {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  const { commonAncestorContainer: around } = range;
  const element = around instanceof Element ? around : around.parentElement;
  if (!element || chat.contains(element) || element.contains(document.activeElement?.shadowRoot ? document.activeElement : null)) return null;
  if (element.closest("[data-no-ask], input, textarea, [contenteditable]:not([contenteditable=false])")) return null;
  return range.toString().trim().length < SHORTEST ? null : range;
}

/** Above the end of the selection, below it where there is no room. */
function place(button: HTMLElement, range: Range): void {
  const lines = range.getClientRects();
  const last = lines[lines.length - 1] ?? range.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = button;
  const above = last.top - height - GAP;
  const top = above >= GAP ? above : Math.min(last.bottom + GAP, innerHeight - height - GAP);
  const left = Math.min(Math.max(GAP, last.right - width / 2), innerWidth - width - GAP);
  button.style.setProperty("top", `${top}px`);
  button.style.setProperty("left", `${left}px`);
}

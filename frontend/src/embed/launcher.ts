/** The button, the greeting and the panel on a site's page, in a shadow root that its styles do not reach. */
import { pageLocale } from "../locale";
import { icon, iconButton, node } from "./nodes";
import { Grips, type SizeStore } from "./resize";
import { CSS } from "./styles";
import { textsFor } from "./texts";

/** What the platform says about an embed; see chat/views/embeds.py. */
export interface Appearance {
  name: string;
  launcher_text: string;
  position: "left" | "right";
  accent: string;
  on_accent: string;
  greeting: string;
  greeting_seconds: number;
}

export interface Actions {
  toggle: () => void;
  open: () => void;
  close: () => void;
  /** The greeting was waved away. */
  dismiss: () => void;
}

const CHAT = "M4 6.8A2.8 2.8 0 0 1 6.8 4h10.4A2.8 2.8 0 0 1 20 6.8v6.4a2.8 2.8 0 0 1-2.8 2.8H12l-4.6 3.7V16h-.6A2.8 2.8 0 0 1 4 13.2z";
const DOWN = "M6 9.5l6 6 6-6";
const CROSS = "M6 6l12 12M18 6L6 18";

export class Launcher {
  readonly element = document.createElement("chatplatform-embed");
  private readonly root = node("div", { class: "root" });
  private readonly button = node("button", { class: "launcher", type: "button", "aria-haspopup": "dialog" });
  private readonly badge = node("span", { class: "badge", "aria-hidden": "true" });
  private readonly bubble = node("div", { class: "bubble", role: "status" });
  private readonly panel: HTMLElement;
  private readonly grips: Grips;
  private readonly texts = textsFor(pageLocale());
  private frame: HTMLIFrameElement | null = null;
  private unread = 0;
  isOpen = false;

  /** `inline` is the element of the page that the panel fills; then there is no button. */
  constructor(
    private readonly about: Appearance,
    private readonly actions: Actions,
    readonly inline: Element | null,
    sizes: SizeStore,
  ) {
    const shadow = this.element.attachShadow({ mode: "open" });
    // Not a <style>: the page's Content-Security-Policy may forbid those.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    shadow.adoptedStyleSheets = [sheet];
    this.element.dataset["place"] = inline ? "inline" : about.position;
    this.root.classList.add(inline ? "inline" : about.position);
    this.root.style.setProperty("--accent", about.accent);
    this.root.style.setProperty("--on-accent", about.on_accent || readableOn(about.accent));
    this.panel = node("section", { class: "panel", "aria-label": about.name, role: inline ? "region" : "dialog" });
    this.panel.hidden = true;
    this.grips = new Grips(this.panel, about.position, this.texts.resize, sizes);
    const close = iconButton(this.texts.close, CROSS, actions.close);
    this.panel.append(node("div", { class: "bar" }, [node("span", {}, [about.name]), close]));
    this.button.append(icon(CHAT, "when-closed", true), icon(DOWN, "when-open"));
    this.button.append(node("span", { class: "text" }, [about.launcher_text]), this.badge);
    this.button.addEventListener("click", actions.toggle);
    this.bubble.hidden = true;
    this.root.append(...(inline ? [this.panel] : [this.bubble, this.panel, this.button]));
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.isOpen && !inline) actions.close();
    });
    shadow.append(this.root);
    (inline ?? document.body).append(this.element);
    this.draw();
  }

  /** Shows the panel, with the frame in it from the first time on. */
  open(address: string): HTMLIFrameElement {
    if (!this.frame) {
      this.frame = node("iframe", { title: this.about.name, allow: "microphone; clipboard-write", src: address });
      this.panel.append(this.frame, ...(this.inline ? [] : this.grips.elements));
    }
    this.isOpen = true;
    this.hideGreeting();
    this.draw();
    return this.frame;
  }

  close(): void {
    const hadFocus = this.element.shadowRoot?.activeElement;
    this.isOpen = false;
    this.draw();
    if (hadFocus) this.button.focus();
  }

  focus(): void {
    this.frame?.focus();
  }

  showUnread(count: number): void {
    this.unread = count;
    this.draw();
  }

  greet(): void {
    const text = node("button", { class: "bubble-text", type: "button" }, [this.about.greeting]);
    text.addEventListener("click", this.actions.open);
    const dismiss = iconButton(this.texts.dismiss, CROSS, () => {
      this.hideGreeting();
      this.actions.dismiss();
    });
    this.bubble.replaceChildren(text, dismiss);
    this.bubble.hidden = false;
  }

  private hideGreeting(): void {
    this.bubble.hidden = true;
    this.bubble.replaceChildren();
  }

  private draw(): void {
    const { unread, isOpen, texts } = this;
    this.root.classList.toggle("is-open", isOpen);
    this.panel.hidden = !isOpen;
    this.badge.hidden = isOpen || !unread;
    this.badge.textContent = unread > 9 ? "9+" : String(unread);
    this.button.setAttribute("aria-expanded", String(isOpen));
    const label = texts.open.replace("{name}", () => this.about.launcher_text || this.about.name);
    this.button.setAttribute("aria-label", isOpen ? texts.close : unread ? `${label}. ${texts.unread.replace("{count}", String(unread))}` : label);
  }
}

/** Black or white, whichever can be read on a colour. */
export function readableOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
}

import type { Translator } from "../i18n";
import { copyToClipboard } from "../components/clipboard";
import type { highlight } from "./highlighter";
import { toColoredNodes } from "./sanitize";

/** Beyond this many characters colouring costs more than it shows. */
const HIGHLIGHT_LIMIT = 30_000;

let highlighter: typeof highlight | null = null;
let loading: Promise<typeof highlight> | null = null;

/** Loads the highlighter once; a failure (offline, blocked) leaves code plain and is tried again later. */
function loadHighlighter(): Promise<typeof highlight> {
  loading ??= import("./highlighter").then(
    (module) => (highlighter = module.highlight),
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

/** One code block: language label, copy button, code. Updates in place while code is streamed. */
export class CodeView {
  readonly element = document.createElement("div");
  private readonly code = document.createElement("code");
  private text = "";

  constructor(
    readonly language: string,
    t: Translator["t"],
  ) {
    this.element.className = "code";
    const bar = document.createElement("div");
    bar.className = "code-bar";
    const label = document.createElement("span");
    label.textContent = language || t("code.plain");
    bar.append(label, this.copyButton(t));
    const pre = document.createElement("pre");
    pre.tabIndex = 0;
    pre.append(this.code);
    this.element.append(bar, pre);
  }

  update(text: string) {
    if (text === this.text) return;
    this.text = text;
    if (this.color()) return;
    this.code.textContent = text;
    if (this.language && !highlighter) loadHighlighter().then(() => this.color(), () => undefined);
  }

  private color(): boolean {
    if (!highlighter || !this.language || this.text.length > HIGHLIGHT_LIMIT) return false;
    const html = highlighter(this.text, this.language.toLowerCase());
    if (html !== null) this.code.replaceChildren(toColoredNodes(html));
    return html !== null;
  }

  private copyButton(t: Translator["t"]): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "code-copy";
    const icon = document.createElement("ck-icon");
    const label = document.createElement("span");
    const show = (copied: boolean) => {
      icon.setAttribute("name", copied ? "check" : "copy");
      label.textContent = t(copied ? "actions.copied" : "code.copy");
    };
    show(false);
    button.append(icon, label);
    button.addEventListener("click", () => {
      void copyToClipboard(this.text).then((copied) => {
        show(copied);
        setTimeout(() => show(false), 2000);
      });
    });
    return button;
  }
}

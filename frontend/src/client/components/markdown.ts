import { ReactiveElement, type PropertyValues } from "lit";
import { property } from "lit/decorators.js";
import { MarkdownView } from "../markdown/markdown-view";
import { citeSources, type NumberedSource, sourceLabel, sourceTitle, sourceUrl } from "../markdown/sources";
import type { Annotation } from "../protocol/types";
import { markdown } from "../styles/markdown";
import { entityOfSource } from "../state/draft";
import { entityListeners } from "./entity";
import { adoptSheets } from "./light-element";
import type { Ui } from "./ui";

const NO_ANNOTATIONS: readonly Annotation[] = [];

/** Markdown of unknown origin, drawn safely and step by step while it is written. */
export class MarkdownElement extends ReactiveElement {
  @property({ attribute: false }) ui!: Ui;
  @property({ attribute: false }) text = "";
  @property({ attribute: false }) annotations: readonly Annotation[] = NO_ANNOTATIONS;
  @property({ type: Boolean, reflect: true }) streaming = false;

  private view: MarkdownView | null = null;
  private sources: NumberedSource[] = [];

  constructor() {
    super();
    this.addEventListener("click", (event) => this.onClick(event));
  }

  override connectedCallback() {
    super.connectedCallback();
    adoptSheets(this, [markdown]);
  }

  protected override createRenderRoot() {
    return this;
  }

  protected override update(changed: PropertyValues<this>) {
    super.update(changed);
    if (!this.view || changed.has("ui")) {
      this.replaceChildren();
      this.view = new MarkdownView(this, {
        t: this.ui.strings.t,
        policy: this.ui.policy,
        chip: (number) => this.chip(number),
      });
    }
    const { marked, sources } = citeSources(this.text, this.annotations);
    this.sources = sources;
    this.view.update({ text: marked, streaming: this.streaming });
  }

  private chip(number: number): Node | null {
    const entry = this.sources.find((source) => source.number === number);
    if (!entry) return null;
    const { source } = entry;
    const url = sourceUrl(source);
    const entities = source.type === "entity" && source.interactive ? this.ui.entities : null;
    const chip = document.createElement(url ? "a" : entities ? "button" : "span");
    chip.className = "cite";
    chip.textContent = sourceLabel(source) || String(number);
    chip.title = sourceTitle(source);
    if (url) {
      chip.setAttribute("href", url.href);
      chip.setAttribute("target", "_blank");
      chip.setAttribute("rel", "noopener noreferrer");
      chip.setAttribute("aria-label", this.ui.strings.t("sources.cite", { number, title: sourceTitle(source) }));
    }
    if (entities) {
      chip.setAttribute("type", "button");
      for (const [name, listener] of Object.entries(entityListeners(entityOfSource(source), entities))) {
        chip.addEventListener(name, listener as EventListener);
      }
    }
    return chip;
  }

  private onClick(event: Event) {
    const target = event.target as HTMLElement;
    const link = target.closest("a[href]")?.getAttribute("href");
    if (link?.startsWith("chatkit-link:")) {
      event.preventDefault();
      this.ui.openLink(link);
    }
  }
}

import type { EntitiesOption, Entity } from "@openai/chatkit";
import { html, nothing } from "lit";
import { property, query, state } from "lit/decorators.js";
import type { WidgetItem, WidgetNode } from "../protocol/types";
import { forms } from "../styles/forms";
import { preview } from "../styles/preview";
import { LightElement } from "./light-element";
import { placeBeside } from "./place";
import type { Ui } from "./ui";

/** How long a pointer rests before it means it, and how long it may be on its way into the preview. */
const REST = 250;
const WAY = 200;

/** The card that tells more about an entity: beside it, in the top layer, while it is pointed at or has the focus. */
export class PreviewElement extends LightElement {
  static override sheets = [forms, preview];
  @property({ attribute: false }) ui!: Ui;
  @property({ attribute: false }) request!: NonNullable<EntitiesOption["onRequestPreview"]>;
  @state() private item: WidgetItem | null = null;
  @query(".preview") private card!: HTMLElement | null;
  private anchor: HTMLElement | null = null;
  /** Changes with each wish, so that late answers to an earlier one are dropped. */
  private wish = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Whether the preview of what stands there is open. */
  isOpenFor(anchor: HTMLElement) {
    return this.item !== null && this.anchor === anchor;
  }

  /** Asks the page for the preview and shows it. Resolves to whether there is one. */
  async open(entity: Entity, anchor: HTMLElement, when: "soon" | "at once"): Promise<boolean> {
    const wish = ++this.wish;
    clearTimeout(this.timer);
    if (this.isOpenFor(anchor)) return true;
    if (when === "soon") await new Promise((resolve) => setTimeout(resolve, REST));
    if (wish !== this.wish) return true;
    const { preview } = await this.request(entity).catch(() => ({ preview: null }));
    if (wish !== this.wish || !anchor.isConnected) return true;
    this.close();
    if (!preview) return false;
    if (!customElements.get("ck-widget")) await import("../widgets/define");
    this.anchor = anchor;
    this.item = {
      type: "widget",
      id: `preview:${entity.id}`,
      thread_id: "",
      created_at: "",
      // The host's types name each component; what is drawn is typed more loosely.
      widget: preview as unknown as WidgetNode,
    };
    await this.updateComplete;
    anchor.setAttribute("aria-describedby", "ck-preview");
    this.card?.showPopover();
    this.place();
    anchor.ownerDocument.addEventListener("keydown", this.onKey, { capture: true });
    return true;
  }

  /** Closes it in a moment, unless the pointer goes into it. */
  leave() {
    this.wish++;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.close(), WAY);
  }

  close() {
    clearTimeout(this.timer);
    this.anchor?.removeAttribute("aria-describedby");
    this.anchor?.ownerDocument.removeEventListener("keydown", this.onKey, { capture: true });
    this.anchor = this.item = null;
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.close();
  }

  protected override render() {
    if (!this.item) return nothing;
    return html`<div id="ck-preview" class="preview" role="tooltip" popover="manual" @pointerenter=${this.onEnter} @pointerleave=${this.leave}>
      <ck-widget .ui=${this.ui} .item=${this.item}></ck-widget>
    </div>`;
  }

  /** Its size is known when the widget and its images have been drawn. */
  private place() {
    const { card, anchor } = this;
    if (!card || !anchor) return;
    const resized = new ResizeObserver(() => (this.anchor === anchor ? placeBeside(anchor, card) : resized.disconnect()));
    resized.observe(card);
  }

  private onEnter() {
    clearTimeout(this.timer);
  }

  private readonly onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.close();
  };
}

if (!customElements.get("ck-preview")) customElements.define("ck-preview", PreviewElement);

import { html, nothing, type PropertyValues } from "lit";
import { property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { ThreadState } from "../state/model";
import { toTurns, type Turn } from "../state/turns";
import { forms } from "../styles/forms";
import { messages } from "../styles/messages";
import { LightElement } from "./light-element";
import type { Ui } from "./ui";

/** Within this many pixels of the end the reader counts as following along. */
const NEAR = 80;
/** Room left above the message that was just sent. */
const TOP_GAP = 12;

/** The scrolling conversation: keeps the reader's place, whatever is added above or below. */
export class MessagesElement extends LightElement {
  static override sheets = [messages, forms];
  @property({ attribute: false }) ui!: Ui;
  @property({ attribute: false }) thread!: ThreadState;
  @property({ type: Boolean }) busy = false;
  @property({ type: Boolean }) reconnecting = false;
  @property({ type: Boolean }) loading = false;
  @property({ type: Boolean }) loadingOlder = false;
  @property({ type: Boolean }) autoScroll = false;
  /** The message that was just sent: it moves to the top, with room for its answer. */
  @property() anchorId: string | null = null;
  @state() private away = false;
  @query(".scroll") private scroller!: HTMLElement;

  private turns: Turn[] = [];
  /** The reader is at the end, and stays there while content grows. */
  private following = true;
  /** Where the reader is otherwise: the turn at the top of the screen and its distance from the edge. */
  private place: { turn: HTMLElement; top: number } | null = null;
  private readonly resized = new ResizeObserver(() => this.onResize());

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.resized.disconnect();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has("thread")) this.turns = toTurns(this.thread.items, this.turns);
  }

  protected override firstUpdated() {
    this.resized.observe(this.scroller);
    const content = this.scroller.firstElementChild;
    if (content) this.resized.observe(content);
  }

  protected override updated(changed: PropertyValues<this>) {
    const opened = changed.has("thread") && changed.get("thread")?.thread?.id !== this.thread.thread?.id;
    if (changed.has("anchorId") && this.anchorId) void this.bringAnchorUp();
    else if (changed.has("loading") || (opened && !this.anchorId)) this.toEnd("instant");
    else this.measure();
  }

  protected override render() {
    const { t } = this.ui.strings;
    const last = this.turns.at(-1);
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("messages.label")} @scroll=${this.onScroll} @wheel=${this.onWheel}>
        <div class="turns column">
          ${this.loading ? this.skeleton(t("messages.loading")) : nothing}
          ${this.loadingOlder ? html`<div class="older" role="status"><span class="sr-only">${t("messages.older")}</span><div class="skeleton mid"></div><div class="skeleton short"></div></div>` : nothing}
          ${repeat(
            this.turns,
            (turn) => turn.key,
            (turn) => html`<ck-turn
              class=${turn === last ? "last" : ""}
              data-key=${turn.key}
              .ui=${this.ui}
              .turn=${turn}
              .live=${turn === last && this.busy}
              .reconnecting=${turn === last && this.reconnecting}
              .progress=${turn === last ? this.thread.progress : null}
              .openItems=${turn === last ? this.thread.openItems : null}
            ></ck-turn>`,
          )}
        </div>
      </div>
      <button type="button" class="latest" ?data-hidden=${!this.away} aria-label=${t("messages.latest")} @click=${this.onJump}>
        <ck-icon name="arrow-down"></ck-icon>
      </button>
    `;
  }

  private skeleton(label: string) {
    return html`<div class="loading" role="status">
      <span class="sr-only">${label}</span>
      <div class="skeleton bubble-like"></div>
      <div class="skeleton mid"></div>
      <div class="skeleton"></div>
      <div class="skeleton short"></div>
    </div>`;
  }

  private toEnd(wanted: ScrollBehavior) {
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : wanted;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior });
    this.following = true;
    this.away = false;
  }

  /** Moves the sent message to the top; its turn is made tall enough for that. */
  private async bringAnchorUp() {
    const turn = this.querySelector<HTMLElement>(`ck-turn[data-key="${CSS.escape(this.anchorId ?? "")}"]`);
    if (!turn) return;
    await (turn as unknown as LightElement).updateComplete;
    this.makeRoom();
    // Leaving the old place is the point; holding on to it would stop the way up.
    this.place = null;
    this.toEnd("smooth");
    this.following = this.autoScroll;
  }

  /** Only the last turn keeps the room, and only where the message was sent from here. */
  private makeRoom() {
    const gap = TOP_GAP + 36;
    for (const turn of this.querySelectorAll<HTMLElement>("ck-turn")) {
      const anchored = this.anchorId !== null && turn.matches(":last-of-type");
      if (anchored) turn.style.setProperty("min-height", `${this.scroller.clientHeight - gap}px`);
      else turn.style.removeProperty("min-height");
    }
  }

  private get distance(): number {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight;
  }

  private measure() {
    this.away = this.distance > NEAR * 2;
  }

  /** Content came in, grew or shrank, above or below: the reader's place stays. */
  private onResize() {
    this.makeRoom();
    const { scroller, place } = this;
    // Without autoScroll only a thread that was opened keeps to its end; an answer that was asked for here
    // is read from its beginning.
    const sticks = this.autoScroll || this.anchorId === null;
    if (this.following && sticks) scroller.scrollTop = scroller.scrollHeight;
    else if (place?.turn.isConnected) {
      const moved = Math.round(this.topOf(place.turn) - place.top);
      // Setting a position, even the same one, would end a smooth scroll.
      if (moved) scroller.scrollTop += moved;
    }
    this.measure();
  }

  private topOf(turn: HTMLElement): number {
    return turn.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
  }

  private onScroll() {
    this.following = this.distance < NEAR;
    const turns = [...this.querySelectorAll<HTMLElement>("ck-turn")];
    const turn = turns.find((candidate) => this.topOf(candidate) + candidate.offsetHeight > 0);
    this.place = turn ? { turn, top: this.topOf(turn) } : null;
    this.measure();
    if (this.scroller.scrollTop < 400 && this.thread.hasOlder && !this.loadingOlder) {
      this.dispatchEvent(new Event("ck-older", { bubbles: true }));
    }
  }

  /** Turning the wheel upwards is leaving, even while new text keeps the distance small. */
  private onWheel(event: WheelEvent) {
    if (event.deltaY < 0) this.following = false;
  }

  private onJump() {
    this.toEnd("smooth");
    this.scroller.focus({ preventScroll: true });
  }
}

import { html, nothing, type PropertyValues } from "lit";
import { property, query, state } from "lit/decorators.js";
import { guard } from "lit/directives/guard.js";
import { repeat } from "lit/directives/repeat.js";
import type { ThreadState } from "../state/model";
import { type Block, Blocks } from "../state/blocks";
import { toTurns, type Turn } from "../state/turns";
import { forms } from "../styles/forms";
import { messages } from "../styles/messages";
import { LightElement } from "./light-element";
import type { TurnElement } from "./turn";
import type { Ui } from "./ui";

/** Within this many pixels of the end the reader counts as following along. */
const NEAR = 80;
/** Turns that are farther from the screen than so many of its heights sleep. */
const REACH = 1.5;
/** Of a thread that was opened, so many of the latest turns are drawn before anybody scrolls. */
const DRAWN = 12;
/** The browser itself keeps the place while the screen moves, without ending a smooth scroll as this client would. */
const ANCHORS = globalThis.CSS?.supports?.("overflow-anchor", "auto") ?? false;
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
  private readonly divided = new Blocks();
  private blocks: readonly Block[] = [];
  private latest: ReadonlySet<Turn> = new Set();
  /** The reader is at the end, and stays there while content grows. */
  private following = true;
  /** Where the reader is otherwise: the turn at the top of the screen and its distance from the edge. */
  private place: { turn: HTMLElement; top: number } | null = null;
  private readonly resized = new ResizeObserver(() => this.onResize());
  /** The screen is moving: by hand, or smoothly to where it was sent. */
  private moving = false;
  private halt: ReturnType<typeof setTimeout> | undefined;
  /** The turn that was made tall enough to bring its message up. */
  private roomy: HTMLElement | null = null;
  /** The turns as elements. Long threads stay light: those far away keep their height and give up their content. */
  private list: TurnElement[] = [];
  private awake = new Set<TurnElement>();

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.resized.disconnect();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (!changed.has("thread")) return;
    this.turns = toTurns(this.thread.items, this.turns);
    this.blocks = this.divided.of(this.turns);
    this.latest = new Set(this.turns.slice(-DRAWN));
  }

  protected override firstUpdated() {
    this.resized.observe(this.scroller);
    const content = this.scroller.firstElementChild;
    if (content) this.resized.observe(content);
  }

  protected override updated(changed: PropertyValues<this>) {
    if (changed.has("thread")) this.gather();
    const opened = changed.has("thread") && changed.get("thread")?.thread?.id !== this.thread.thread?.id;
    if (changed.has("anchorId") && this.anchorId) void this.bringAnchorUp();
    else if (changed.has("loading") || (opened && !this.anchorId)) this.toEnd("instant");
    else this.measure();
  }

  private gather() {
    const last = this.turns.at(-1)?.key;
    if (this.list.length === this.turns.length && this.list.at(-1)?.dataset["key"] === last) return;
    this.list = [...this.querySelectorAll<TurnElement>(":scope > .scroll > .turns > .block > ck-turn")];
    for (const turn of this.list.slice(-DRAWN)) this.awake.add(turn);
  }

  /** Wakes the turns around the screen and lets the others sleep; the last one may be written at any time. */
  private tend() {
    const { list, scroller } = this;
    const reach = scroller.clientHeight * REACH;
    const wanted = new Set(list.slice(-1));
    for (let at = this.firstBelow(-reach); at < list.length; at++) {
      const turn = list[at];
      if (!turn || this.topOf(turn) > scroller.clientHeight + reach) break;
      wanted.add(turn);
    }
    const active = (this.getRootNode() as ShadowRoot).activeElement;
    const tired = [...this.awake].filter((turn) => !wanted.has(turn) && !turn.contains(active));
    // All are measured before the first one changes.
    const heights = tired.map((turn) => turn.offsetHeight);
    tired.forEach((turn, at) => turn.sleep(heights[at] ?? 0));
    for (const turn of wanted) turn.wake();
    this.awake = new Set([...wanted, ...[...this.awake].filter((turn) => turn.isConnected && turn.contains(active))]);
  }

  protected override render() {
    const { t } = this.ui.strings;
    const last = this.turns.at(-1);
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${t("messages.label")} @scroll=${this.onScroll} @keydown=${this.onKey} @wheel=${this.onWheel}>
        <div class="turns column">
          ${this.loading ? this.skeleton(t("messages.loading")) : nothing}
          ${this.loadingOlder ? html`<div class="older" role="status"><span class="sr-only">${t("messages.older")}</span><div class="skeleton mid"></div><div class="skeleton short"></div></div>` : nothing}
          ${repeat(
            this.blocks,
            (block) => block.id,
            (block) =>
              // Only the last turn changes with every word; the others are looked at when they changed.
              guard(block.turns.at(-1) === last ? [block, this.ui, this.thread, this.busy, this.reconnecting] : [block, this.ui], () => this.blockView(block, last)),
          )}
        </div>
      </div>
      <button type="button" class="latest" ?data-hidden=${!this.away} aria-label=${t("messages.latest")} @click=${this.onJump}>
        <ck-icon name="arrow-down"></ck-icon>
      </button>
    `;
  }

  private blockView(block: Block, last: Turn | undefined) {
    return html`<div class="block">
      ${repeat(
        block.turns,
        (turn) => turn.key,
        (turn) => this.turnView(turn, turn === last, !this.latest.has(turn)),
      )}
    </div>`;
  }

  private turnView(turn: Turn, last: boolean, sleepy: boolean) {
    return html`<ck-turn
      class=${last ? "last" : ""}
      data-key=${turn.key}
      .ui=${this.ui}
      .turn=${turn}
      .sleepy=${sleepy}
      .live=${last && this.busy}
      .closed=${(this.thread.thread?.status?.type ?? "active") !== "active"}
      .reconnecting=${last && this.reconnecting}
      .progress=${last ? this.thread.progress : null}
      .openItems=${last ? this.thread.openItems : null}
    ></ck-turn>`;
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
    const last = this.anchorId === null ? null : (this.list.at(-1) ?? null);
    if (this.roomy !== last) this.roomy?.style.removeProperty("min-height");
    this.roomy = last;
    last?.style.setProperty("min-height", `${this.scroller.clientHeight - gap}px`);
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
    else if (place?.turn.isConnected && !(this.moving && ANCHORS)) {
      const moved = Math.round(this.topOf(place.turn) - place.top);
      // Setting a position, even the same one, would end a smooth scroll.
      if (moved) scroller.scrollTop += moved;
    }
    this.measure();
    this.tend();
  }

  private topOf(turn: HTMLElement): number {
    return turn.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
  }

  private onScroll() {
    this.moving = true;
    clearTimeout(this.halt);
    this.halt = setTimeout(() => (this.moving = false), 150);
    this.following = this.distance < NEAR;
    const turn = this.list[this.firstBelow(0)];
    this.place = turn ? { turn, top: this.topOf(turn) } : null;
    this.measure();
    this.tend();
    if (this.scroller.scrollTop < 400 && this.thread.hasOlder && !this.loadingOlder) {
      this.dispatchEvent(new Event("ck-older", { bubbles: true }));
    }
  }

  /** Where the first turn is that reaches below a height, found by halving: there may be thousands. */
  private firstBelow(height: number): number {
    let [from, to] = [0, this.list.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const turn = this.list[middle];
      if (turn && this.topOf(turn) + turn.offsetHeight > height) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  /** Turning the wheel upwards is leaving, even while new text keeps the distance small. */
  private onWheel(event: WheelEvent) {
    if (event.deltaY < 0) this.following = false;
  }

  /** The browser would go where the end was guessed to be. */
  private onKey(event: KeyboardEvent) {
    if (event.key !== "End" || event.target !== this.scroller) return;
    event.preventDefault();
    this.toEnd("instant");
  }

  private onJump() {
    this.toEnd("smooth");
    this.scroller.focus({ preventScroll: true });
  }
}

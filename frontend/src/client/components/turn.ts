import { html, nothing } from "lit";
import { property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { ThreadState } from "../state/model";
import { copyText, type Turn } from "../state/turns";
import { copyToClipboard } from "./clipboard";
import { itemView } from "./items";
import { LightElement } from "./light-element";
import type { Ui } from "./ui";
import { userMessage } from "./user-message";

/** Of a turn that was never drawn, in pixels. */
const GUESSED_HEIGHT = 240;

/** A question with its answer, and what can be done with the answer. */
export class TurnElement extends LightElement {
  @property({ attribute: false }) ui!: Ui;
  @property({ attribute: false }) turn!: Turn;
  /** The answer is being written right now. */
  @property({ attribute: false }) live = false;
  /** Its conversation takes nothing more. */
  @property({ attribute: false }) closed = false;
  /** Far from the screen when it is first drawn. */
  @property({ attribute: false }) sleepy = false;
  @property({ attribute: false }) reconnecting = false;
  @property({ attribute: false }) progress: ThreadState["progress"] = null;
  @property({ attribute: false }) openItems: ReadonlySet<string> | null = null;
  @state() private asleep = false;
  @state() private copied = false;
  @state() private rating: "positive" | "negative" | null = null;

  /** Gives up its content and keeps its height: it is far from the screen. */
  sleep(height: number) {
    if (this.asleep || !height || this.live) return;
    this.style.setProperty("block-size", `${height}px`);
    this.asleep = true;
  }

  wake() {
    if (!this.asleep) return;
    this.asleep = false;
    void this.updateComplete.then(() => this.asleep || this.style.removeProperty("block-size"));
  }

  protected override willUpdate() {
    if (!this.hasUpdated && this.sleepy) this.sleep(GUESSED_HEIGHT);
  }

  protected override render() {
    if (this.asleep) return nothing;
    const { user, items } = this.turn;
    const { t } = this.ui.strings;
    return html`
      ${user ? userMessage(user, this.ui) : nothing}
      ${items.length || this.live
        ? html`<div class="answer" part="answer" role="group" aria-label=${t("messages.assistant")} aria-busy=${this.live}>
            ${repeat(
              items,
              (item) => item.id,
              (item) => itemView(item, this.ui, this.openItems?.has(item.id) ?? false),
            )}
            ${this.live ? this.waiting() : this.ending()}
          </div>`
        : nothing}
    `;
  }

  /** What stands where the answer will go on. Text that is being written speaks for itself. */
  private waiting() {
    const { t } = this.ui.strings;
    if (this.reconnecting) {
      return html`<div class="thinking" role="status"><span class="shimmer">${t("messages.reconnecting")}</span></div>`;
    }
    if (this.progress) {
      return html`<div class="thinking" role="status">
        ${this.progress.icon ? html`<ck-icon name=${this.progress.icon}></ck-icon>` : nothing}
        <bdi class="shimmer">${this.progress.text}</bdi>
      </div>`;
    }
    const writing = this.turn.items.some(
      (item) =>
        this.openItems?.has(item.id) &&
        (item.type !== "assistant_message" || item.content.some((part) => part.text)),
    );
    return writing
      ? nothing
      : html`<div class="thinking"><span class="thinking-dot"></span><span class="sr-only">${t("messages.thinking")}</span></div>`;
  }

  private ending() {
    const { t } = this.ui.strings;
    const interrupted = this.turn.items.findLast((item) => item.interrupted)?.interrupted;
    return html`
      ${interrupted
        ? html`<p class="note"><ck-icon name="info"></ck-icon>${t(interrupted === "cancelled" ? "messages.cancelled" : "messages.broken")}</p>`
        : nothing}
      ${this.actions()}
    `;
  }

  private actions() {
    const { ui } = this;
    const { t } = ui.strings;
    const text = ui.hideCopy ? "" : copyText(this.turn);
    const { feedback, retry } = ui.actions;
    const rateable = feedback && this.turn.items.some((item) => item.type !== "client_tool_call");
    const again = retry && this.turn.user && !this.closed;
    if (!text && !rateable && !again) return nothing;
    return html`<div class="actions" part="actions">
      ${text ? this.action("copy", this.copied ? "check" : "copy", t(this.copied ? "actions.copied" : "actions.copy"), this.onCopy) : nothing}
      ${rateable
        ? html`${this.action("positive", "thumbs-up", t("actions.good"), this.onRate, this.rated === "positive")}
          ${this.action("negative", "thumbs-down", t("actions.bad"), this.onRate, this.rated === "negative")}`
        : nothing}
      ${again ? this.action("retry", "reload", t("actions.retry"), this.onRetry) : nothing}
    </div>`;
  }

  private action(id: string, icon: string, label: string, run: (event: Event) => void, pressed?: boolean) {
    return html`<button
      type="button"
      class="icon-button small"
      data-id=${id}
      aria-label=${label}
      title=${label}
      aria-pressed=${pressed ?? nothing}
      @click=${run}
    >
      <ck-icon name=${icon}></ck-icon>
    </button>`;
  }

  /** As chosen here, or as the server knows it. */
  private get rated() {
    return this.rating ?? this.turn.items.findLast((item) => item.feedback)?.feedback ?? null;
  }

  private onCopy() {
    void copyToClipboard(copyText(this.turn)).then((copied) => {
      this.copied = copied;
      setTimeout(() => (this.copied = false), 2000);
    });
  }

  private onRate(event: Event) {
    const kind = (event.currentTarget as HTMLElement).dataset["id"] as "positive" | "negative";
    const before = this.rated;
    if (kind === before) return;
    this.rating = kind;
    const items = this.turn.items.map((item) => item.id);
    void this.ui.feedback(items, kind).then((taken) => {
      if (!taken) this.rating = before;
    });
  }

  private onRetry() {
    if (this.turn.user) this.ui.retry(this.turn.user.id);
  }
}

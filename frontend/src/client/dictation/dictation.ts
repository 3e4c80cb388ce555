import { html, nothing } from "lit";
import { property, query, state } from "lit/decorators.js";
import { LightElement } from "../components/light-element";
import { describeProblem } from "../controller/problem";
import type { Translator } from "../i18n";
import type { ApiClient } from "../protocol/api";
import { dictation } from "../styles/dictation";
import { MicrophoneError, Recording, toBase64 } from "./recording";

/** The longest recording; what was said until then is written down. */
const MOST_SECONDS = 300;

/** What was said, as text; or why it was not understood. */
export class DictationEvent extends Event {
  constructor(readonly said: { text: string } | { problem: string }) {
    super("ck-dictation", { bubbles: true });
  }
}

type Phase = "idle" | "asking" | "recording" | "writing";

/** The microphone of the composer: press to speak, press again to have it written down, Escape to forget it. */
export class DictationElement extends LightElement {
  static override sheets = [dictation];
  @property({ attribute: false }) strings!: Translator;
  @property({ attribute: false }) api!: ApiClient;
  @state() private phase: Phase = "idle";
  @state() private seconds = 0;
  @query(".dictate") private button!: HTMLElement;
  private recording: Recording | null = null;
  private clock: ReturnType<typeof setInterval> | undefined;
  private asked: AbortController | null = null;

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.forget();
  }

  protected override render() {
    const { t } = this.strings;
    const busy = this.phase === "asking" || this.phase === "writing";
    const on = this.phase === "recording";
    const label = { idle: "dictation.start", asking: "dictation.asking", recording: "dictation.stop", writing: "dictation.writing" } as const;
    return html`
      ${this.phase === "idle"
        ? nothing
        : html`<span class="dictation" aria-hidden="true"><span class=${on ? "" : "shimmer"}>${on ? this.time() : t(label[this.phase])}</span></span>
            <button type="button" class="icon-button" aria-label=${t("dictation.cancel")} title=${t("dictation.cancel")} @click=${this.onCancel} @keydown=${this.onKey}>
              <ck-icon name="close"></ck-icon>
            </button>`}
      <button
        type="button"
        class="icon-button dictate"
        data-phase=${this.phase}
        aria-label=${t(label[this.phase])}
        title=${t(label[this.phase])}
        aria-disabled=${busy ? "true" : nothing}
        @click=${this.onPress}
        @keydown=${this.onKey}
      >
        <ck-icon name=${on ? "check" : "microphone"}></ck-icon>
      </button>
      <span class="sr-only" role="status">${on ? t("dictation.listening") : this.phase === "writing" ? t("dictation.writing") : nothing}</span>
    `;
  }

  private time() {
    const pad = String(this.seconds % 60).padStart(2, "0");
    return `${Math.floor(this.seconds / 60)}:${pad}`;
  }

  private async start() {
    this.phase = "asking";
    try {
      const recording = await Recording.start();
      // Taken back, or left, while the browser asked for permission.
      if (this.phase !== "asking" || !this.isConnected) return recording.cancel();
      this.recording = recording;
    } catch (error) {
      if (this.phase !== "asking") return;
      this.phase = "idle";
      this.tell({ problem: this.strings.t(error instanceof MicrophoneError ? error.key : "dictation.unsupported") });
      return;
    }
    this.seconds = 0;
    this.phase = "recording";
    this.clock = setInterval(() => {
      if (++this.seconds >= MOST_SECONDS) void this.write();
    }, 1000);
  }

  /** Ends the recording and has it written down. */
  private async write() {
    const { recording } = this;
    if (!recording || this.phase !== "recording") return;
    clearInterval(this.clock);
    this.recording = null;
    this.phase = "writing";
    const asked = (this.asked = new AbortController());
    const { t } = this.strings;
    try {
      const audio_base64 = await toBase64(await recording.stop());
      const { reply } = await this.api.call("input.transcribe", { audio_base64, mime_type: recording.mimeType }, asked.signal);
      if (asked.signal.aborted) return;
      this.phase = "idle";
      this.tell(reply.text ? { text: reply.text } : { problem: t("dictation.nothing") });
    } catch (error) {
      if (asked.signal.aborted) return;
      this.phase = "idle";
      const { message, hint } = describeProblem(error, t);
      this.tell({ problem: [message, hint].filter(Boolean).join(" ") });
    }
  }

  private tell(said: DictationEvent["said"]) {
    this.dispatchEvent(new DictationEvent(said));
  }

  private forget() {
    clearInterval(this.clock);
    this.recording?.cancel();
    this.recording = null;
    this.asked?.abort();
    this.phase = "idle";
  }

  private onPress() {
    if (this.phase === "idle") void this.start();
    else void this.write();
  }

  private onCancel() {
    this.forget();
    this.button.focus();
  }

  private onKey(event: KeyboardEvent) {
    if (event.key !== "Escape" || this.phase === "idle") return;
    // The recording alone ends, not the answer that is being written.
    event.stopPropagation();
    this.onCancel();
  }
}

if (!customElements.get("ck-dictation")) customElements.define("ck-dictation", DictationElement);

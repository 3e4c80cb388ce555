import type { Attachment, ComposerOption } from "@openai/chatkit";
import { html, nothing, type PropertyValues } from "lit";
import { property, query, state } from "lit/decorators.js";
import type { Translator } from "../i18n";
import type { ApiClient } from "../protocol/api";
import { type Refusal, refusalOf, type Strategy, Uploader } from "../protocol/upload";
import { uploads } from "../styles/uploads";
import { LightElement } from "./light-element";

type Option = NonNullable<ComposerOption["attachments"]>;

interface Upload {
  key: number;
  file: File;
  /** From 0 to 1. */
  progress: number;
  /** Why it did not work; empty while it may. */
  problem: string;
  abort: AbortController;
}

/** What is attached now, and how many files are still on their way. */
export class UploadEvent extends Event {
  constructor(
    readonly pending: number,
    readonly attached: readonly Attachment[],
  ) {
    super("ck-upload", { bubbles: true });
  }
}

let keys = 0;

/** Files on their way to the server, each with its progress. What has arrived belongs to the draft. */
export class UploadsElement extends LightElement {
  static override sheets = [uploads];
  @property({ attribute: false }) strings!: Translator;
  @property({ attribute: false }) option!: Option;
  @property({ attribute: false }) api!: ApiClient;
  @property({ attribute: false }) strategy: Strategy | undefined;
  /** The files of the draft. */
  @property({ attribute: false }) attached: readonly Attachment[] = [];
  @state() private uploads: readonly Upload[] = [];
  @query("input") private input!: HTMLInputElement;

  protected override willUpdate(changed: PropertyValues<this>) {
    // Sent: what could not come along is no news any more.
    if (changed.get("attached")?.length && !this.attached.length) this.uploads = this.uploads.filter((upload) => !upload.problem);
  }

  /** Lets the user choose files. */
  pick() {
    this.input.click();
  }

  /** Uploads files; those that may not be are shown with the reason. */
  take(files: readonly File[]) {
    let room = (this.option.maxCount ?? 10) - this.attached.length - this.pending;
    for (const file of files) {
      const reason = room > 0 ? refusalOf(file, this.option) : "count";
      const problem = reason ? this.words(reason, reason === "count" ? (this.option.maxCount ?? 10) : file.name) : "";
      const upload = { key: ++keys, file, progress: 0, problem, abort: new AbortController() };
      this.uploads = [...this.uploads.filter((other) => !other.problem || other.file.name !== file.name), upload];
      if (problem) continue;
      room--;
      void this.send(upload);
    }
  }

  private get uploader() {
    return new Uploader(this.api, this.option);
  }

  private words(key: Refusal | "uploading" | "failed", name: string | number) {
    return this.strings.t(`files.${key}`, { name });
  }

  private get pending() {
    return this.uploads.filter((upload) => !upload.problem).length;
  }

  private async send(upload: Upload) {
    const { key, file, abort } = upload;
    this.tell();
    try {
      if (!this.strategy) throw new Error("No way to upload was given.");
      const attachment = await this.uploader.upload(file, this.strategy, (progress) => this.change(key, { progress }), abort.signal);
      this.drop(key);
      this.tell([...this.attached, attachment]);
    } catch {
      if (!abort.signal.aborted) this.change(key, { problem: this.words("failed", file.name) });
      this.tell();
    }
  }

  private change(key: number, patch: Partial<Upload>) {
    this.uploads = this.uploads.map((upload) => (upload.key === key ? { ...upload, ...patch } : upload));
  }

  private drop(key: number) {
    this.uploads = this.uploads.filter((upload) => upload.key !== key);
  }

  private tell(attached = this.attached) {
    // At once: two uploads may end before the draft comes back to here.
    this.attached = attached;
    this.dispatchEvent(new UploadEvent(this.pending, attached));
  }

  protected override render() {
    const { t } = this.strings;
    const accept = Object.entries(this.option.accept ?? {}).flat(2).join(",");
    return html`
      <input type="file" multiple hidden accept=${accept || nothing} @change=${this.onChosen} />
      ${this.uploads.length || this.attached.length
        ? html`<div class="composer-attached">
            ${this.attached.map((attachment) => {
              const { id, name } = attachment;
              return html`<div class="attached">
                ${attachment.type === "image" ? html`<img class="attached-image" src=${attachment.preview_url} alt="" />` : nothing}
                <span>${name}</span>
                <button type="button" class="icon-button small" data-id=${id} aria-label=${t("composer.removeAttachment", { name })} @click=${this.onRemove}>
                  <ck-icon name="close"></ck-icon>
                </button>
              </div>`;
            })}
            ${this.uploads.map(
              ({ key, file, progress, problem }) => html`<div class="attached ${problem ? "failed" : ""}" role=${problem ? "alert" : nothing}>
                <span>${problem || file.name}</span>
                ${problem
                  ? nothing
                  : html`<progress max="1" .value=${progress} aria-label=${this.words("uploading", file.name)}></progress>`}
                <button type="button" class="icon-button small" data-key=${key} aria-label=${t("composer.removeAttachment", { name: file.name })} @click=${this.onDrop}>
                  <ck-icon name="close"></ck-icon>
                </button>
              </div>`,
            )}
          </div>`
        : nothing}
    `;
  }

  private onChosen() {
    this.take([...(this.input.files ?? [])]);
    // So that the same file can be chosen again.
    this.input.value = "";
  }

  /** Takes back a file that was not sent. If that fails, the server's own cleaning finds it. */
  private onRemove(event: Event) {
    const { id } = (event.currentTarget as HTMLElement).dataset;
    if (!id) return;
    this.tell(this.attached.filter((attachment) => attachment.id !== id));
    this.api.call("attachments.delete", { attachment_id: id }).catch(() => undefined);
  }

  private onDrop(event: Event) {
    const key = Number((event.currentTarget as HTMLElement).dataset["key"]);
    this.uploads.find((upload) => upload.key === key)?.abort.abort();
    this.drop(key);
    this.tell();
  }
}

if (!customElements.get("ck-uploads")) customElements.define("ck-uploads", UploadsElement);

import type { CommandsOption, ComposerOption, EntitiesOption, ToolOption } from "@openai/chatkit";
import { html, nothing, type PropertyValues } from "lit";
import { property, query, state } from "lit/decorators.js";
import type { Translator } from "../i18n";
import type { StringKey } from "../i18n/en";
import type { ThreadStatus } from "../protocol/types";
import type { ApiClient } from "../protocol/api";
import type { Strategy } from "../protocol/upload";
import { type Draft, emptyDraft, isEmptyDraft, withEntity, withWords } from "../state/draft";
import { builtinCommands } from "./builtin-commands";
import { IncomingFiles } from "./incoming-files";
import { LightElement } from "./light-element";
import type { DictationEvent } from "../dictation/dictation";
import type { MenuPickEvent } from "./menu";
import type { SuggestEvent, SuggestionsElement } from "./suggestions";
import type { UploadEvent, UploadsElement } from "./uploads";

export interface Submission {
  draft: Draft;
  tool: string | null;
  model: string | null;
}

export class ComposerSubmitEvent extends Event {
  constructor(readonly submission: Submission) {
    super("ck-submit", { bubbles: true });
  }
}

export class ToolChangeEvent extends Event {
  constructor(readonly toolId: string | null) {
    super("ck-tool", { bubbles: true });
  }
}

/** Where messages are written. It owns the draft and the chosen tool and model. */
export class ComposerElement extends LightElement {
  @property({ attribute: false }) strings!: Translator;
  @property({ attribute: false }) option: ComposerOption = {};
  @property({ attribute: false }) entities: EntitiesOption | undefined;
  @property({ attribute: false }) commands: CommandsOption | undefined;
  @property({ attribute: false }) status: ThreadStatus | undefined;
  @property({ attribute: false }) api: ApiClient | undefined;
  @property({ attribute: false }) uploadStrategy: Strategy | undefined;
  @property({ type: Boolean }) busy = false;
  @property({ type: Boolean }) canStop = false;
  @state() private draft: Draft = emptyDraft;
  @state() private toolId: string | null = null;
  @state() private modelId: string | null = null;
  /** Files that are on their way: the message waits for them. */
  @state() private uploading = 0;
  /** Why what was dictated, or given as a file, is not there. */
  @state() private missing = "";
  readonly incoming = new IncomingFiles(this);
  @query("ck-uploads") readonly uploads!: UploadsElement | null;
  @query("textarea") private field!: HTMLTextAreaElement | null;
  @query("ck-suggestions") private suggestions!: SuggestionsElement | null;

  override focus() {
    this.field?.focus();
  }

  change(patch: Partial<Draft>) {
    this.draft = { ...this.draft, ...patch };
  }

  /** Gives back a message that could not be sent; what was typed since stays behind it. */
  restore(submission: Submission) {
    const typed = this.draft;
    const { draft } = submission;
    this.draft = isEmptyDraft(typed)
      ? draft
      : { ...draft, text: `${draft.text}\n${typed.text}`, tags: [...draft.tags, ...typed.tags] };
    this.selectTool(submission.tool);
  }

  selectTool(toolId: string | null) {
    if (toolId === this.toolId) return;
    this.toolId = toolId;
    this.dispatchEvent(new ToolChangeEvent(toolId));
  }

  selectModel(modelId: string) {
    this.modelId = modelId;
  }

  /** Uploads files and attaches them to the draft. */
  async takeFiles(files: readonly File[]) {
    if (!this.option.attachments?.enabled) throw new Error("Attachments are not enabled.");
    await this.incoming.take(files);
  }

  get takes() {
    return Boolean(this.option.attachments?.enabled) && !this.closed;
  }

  lost(files: readonly File[]) {
    this.missing = files.map(({ name }) => this.strings.t("files.failed", { name })).join(" ");
  }

  /** Why nothing can be written; null when it can. */
  private get closed() {
    const { status } = this;
    return status && status.type !== "active" ? status : null;
  }

  private get cannotSend() {
    return this.uploading + this.incoming.waiting > 0 || isEmptyDraft(this.draft);
  }

  submit() {
    if (this.busy || this.cannotSend) return;
    const submission = { draft: this.draft, tool: this.tool?.id ?? null, model: this.model?.id ?? null };
    this.draft = emptyDraft;
    if (!this.tool?.persistent) this.selectTool(null);
    this.dispatchEvent(new ComposerSubmitEvent(submission));
  }

  private get tool(): ToolOption | undefined {
    return this.option.tools?.find((tool) => tool.id === this.toolId);
  }

  private get model() {
    const models = this.option.models ?? [];
    return (
      models.find((model) => model.id === this.modelId) ??
      models.find((model) => model.default && !model.disabled) ??
      models.find((model) => !model.disabled)
    );
  }

  protected override updated(changed: PropertyValues) {
    const field = this.field;
    if (!field || !changed.has("draft" as keyof this)) return;
    if (field.value !== this.draft.text) field.value = this.draft.text;
    this.fit(field);
  }

  private fit(field: HTMLTextAreaElement) {
    field.style.setProperty("height", "auto");
    field.style.setProperty("height", `${field.scrollHeight}px`);
  }

  protected override render() {
    const { t } = this.strings;
    const { closed } = this;
    if (closed) {
      const words = closed.reason || t(`composer.${closed.type}`);
      return html`<p class="composer-note"><ck-icon name="lock"></ck-icon><bdi>${words}</bdi></p>`;
    }
    const mentions = this.entities?.showComposerMenu && this.entities.onTagSearch;
    const files = this.option.attachments?.enabled;
    const bar = files || mentions || this.option.tools?.length || this.option.models?.length;
    const placeholder = this.tool?.placeholderOverride ?? this.option.placeholder ?? t("composer.placeholder");
    return html`
      ${this.menus()}
      <form class="composer" part="composer" ?data-bar=${bar} ?data-target=${this.incoming.isTarget} @submit=${this.onSubmit} @mousedown=${this.onMouseDown} @paste=${this.onPaste}>
        ${this.draft.quote ? this.chip(this.draft.quote, "composer.removeQuote", this.onRemoveQuote) : nothing}
        ${this.missing ? this.chip(this.missing, "actions.close", this.onSeen, true) : nothing}
        ${files || this.draft.attachments.length ? this.files() : nothing}
        <textarea
          part="input"
          rows="1"
          aria-label=${t("composer.label")}
          placeholder=${placeholder}
          enterkeyhint="send"
          @input=${this.onInput}
          @keydown=${this.onKey}
          @blur=${this.onBlur}
        ></textarea>
        <div class="composer-bar">
          ${files
            ? html`<button type="button" class="icon-button" aria-label=${t("files.add")} @click=${this.onAttach}><ck-icon name="attachment"></ck-icon></button>`
            : nothing}
          ${mentions
            ? html`<button type="button" class="icon-button mention" aria-label=${t("composer.mention")} @click=${this.onMention}>@</button>`
            : nothing}
          ${bar ? html`${this.tools()}<span class="composer-space"></span>${this.models()}` : nothing}
          ${this.option.dictation?.enabled ? this.dictation() : nothing} ${this.sendButton()}
        </div>
      </form>
    `;
  }

  /** The menus of "@" and "/" are a chunk of their own, loaded where the page has one of them. */
  private menus() {
    const { entities, commands } = this;
    if (!entities?.onTagSearch && !commands?.enabled) return nothing;
    if (!customElements.get("ck-suggestions")) void import("./suggestions").then(() => this.look()).catch(() => undefined);
    return html`<ck-suggestions
      .strings=${this.strings}
      .entities=${entities}
      .commands=${commands}
      .builtins=${builtinCommands(this.option, this.strings, this.onAttach.bind(this), this.selectTool.bind(this))}
      .field=${this.field}
      @ck-suggest=${this.onSuggest}
    ></ck-suggestions>`;
  }

  /** Uploading is a chunk of its own, loaded where the assistant takes files. */
  private files() {
    if (!customElements.get("ck-uploads")) void import("./uploads").catch(() => undefined);
    return html`<ck-uploads
      .strings=${this.strings}
      .option=${this.option.attachments ?? {}}
      .api=${this.api}
      .strategy=${this.uploadStrategy}
      .attached=${this.draft.attachments}
      @ck-upload=${this.onUpload}
    ></ck-uploads>`;
  }

  /** The microphone is a chunk of its own, loaded where the assistant can listen. */
  private dictation() {
    if (!customElements.get("ck-dictation")) void import("../dictation/dictation").catch(() => undefined);
    return html`<ck-dictation .strings=${this.strings} .api=${this.api} @ck-dictation=${this.onDictation}></ck-dictation>`;
  }

  private sendButton() {
    const { t } = this.strings;
    if (this.busy) {
      return html`<button type="button" class="send stop" part="stop" aria-label=${t("composer.stop")} ?disabled=${!this.canStop} @click=${this.onStop}>
        <ck-icon name="stop"></ck-icon>
      </button>`;
    }
    return html`<button type="submit" class="send" part="send" aria-label=${t("composer.send")} ?disabled=${this.cannotSend}>
      <ck-icon name="arrow-up"></ck-icon>
    </button>`;
  }

  /** What comes with the text, or went wrong with it; it can be sent away. */
  private chip(words: string, label: StringKey, remove: () => void, failed = false) {
    return html`<div class="composer-attached">
      <div class="attached ${failed ? "failed" : ""}" role=${failed ? "alert" : nothing}>
        <span dir="auto">${words}</span>
        <button type="button" class="icon-button small" aria-label=${this.strings.t(label)} @click=${remove}>
          <ck-icon name="close"></ck-icon>
        </button>
      </div>
    </div>`;
  }

  private tools() {
    const { t } = this.strings;
    const tools = this.option.tools ?? [];
    const menu = tools.filter((tool) => !tool.pinned);
    const shown = tools.filter((tool) => tool.pinned || tool.id === this.toolId);
    const items = menu.map(({ id, label, icon }) => ({ id, label, icon, checked: id === this.toolId }));
    return html`
      ${menu.length
        ? html`<ck-menu .items=${items} label=${t("composer.tools")} icon="plus" @ck-pick=${this.onPickTool}></ck-menu>`
        : nothing}
      ${shown.map(({ id, label, shortLabel, icon }) => {
        const on = id === this.toolId;
        return html`<button type="button" class="tool-chip" data-id=${id} aria-pressed=${on} title=${on ? t("composer.removeTool", { tool: label }) : label} @click=${this.onToggleTool}>
          <ck-icon name=${icon}></ck-icon><span>${shortLabel ?? label}</span>
        </button>`;
      })}
    `;
  }

  private models() {
    const models = this.option.models ?? [];
    const current = this.model;
    if (!models.length || !current) return nothing;
    const items = models.map((model) => ({ ...model, checked: model.id === current.id }));
    return html`<ck-menu
      .items=${items}
      label=${this.strings.t("composer.model", { model: current.label })}
      text=${current.label}
      @ck-pick=${this.onPickModel}
    ></ck-menu>`;
  }

  private onPaste(event: ClipboardEvent) {
    this.incoming.give(event);
  }

  private onSubmit(event: Event) {
    event.preventDefault();
    this.submit();
  }

  /** A press anywhere on the surface is meant for the text. */
  private onMouseDown(event: Event) {
    const target = event.target as HTMLElement;
    if (target.closest("button, textarea, .menu")) return;
    event.preventDefault();
    this.field?.focus();
  }

  private onInput(event: Event) {
    this.change({ text: (event.target as HTMLTextAreaElement).value });
    this.look();
  }

  private onKey(event: KeyboardEvent) {
    // While an input method composes, Enter belongs to it (229 is how Safari says so).
    if (event.isComposing || event.keyCode === 229) return;
    if (this.suggestions?.onKey?.(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.submit();
    }
  }

  /** The menu may still be loading: then it looks as soon as it is there. */
  private look() {
    const { suggestions, field } = this;
    if (!suggestions?.look) return;
    suggestions.field = field;
    suggestions.look();
  }

  private onBlur() {
    this.suggestions?.close?.();
  }

  private onMention() {
    const { field } = this;
    if (!field) return;
    const { text } = this.draft;
    const value = `${text}${text && !/\s$/.test(text) ? " " : ""}@`;
    this.change({ text: value });
    field.value = value;
    field.focus();
    field.setSelectionRange(value.length, value.length);
    this.look();
  }

  private onSuggest({ trigger, entity }: SuggestEvent) {
    const draft = withEntity(this.draft, trigger, entity);
    const caret = trigger.from + draft.text.length - this.draft.text.length + (trigger.to - trigger.from);
    this.change(draft);
    const { field } = this;
    if (!field) return;
    field.value = draft.text;
    field.focus();
    field.setSelectionRange(caret, caret);
  }

  private onStop() {
    this.dispatchEvent(new Event("ck-stop", { bubbles: true }));
    this.focus();
  }

  private onAttach() {
    // At once where it is there: browsers open a file dialogue only shortly after a click.
    if (this.uploads?.pick) this.uploads.pick();
    else void import("./uploads").then(() => this.uploads?.pick()).catch(() => undefined);
  }

  private onUpload({ pending, attached }: UploadEvent) {
    this.uploading = pending;
    this.change({ attachments: attached });
  }

  private onDictation({ said }: DictationEvent) {
    this.missing = "problem" in said ? said.problem : "";
    if ("text" in said) this.insert(said.text);
  }

  private onSeen() {
    this.missing = "";
    this.focus();
  }

  /** Writes where the caret is, with spaces around it where words would meet. */
  private insert(words: string) {
    const { field } = this;
    const { text } = this.draft;
    const written = withWords(text, words, field?.selectionStart ?? text.length, field?.selectionEnd ?? text.length);
    this.change({ text: written.text });
    if (!field) return;
    field.value = written.text;
    field.focus();
    field.setSelectionRange(written.caret, written.caret);
  }

  private onRemoveQuote() {
    this.change({ quote: "" });
  }

  private onPickTool(event: MenuPickEvent) {
    this.selectTool(event.itemId === this.toolId ? null : event.itemId);
    this.focus();
  }

  private onToggleTool(event: Event) {
    const id = (event.currentTarget as HTMLElement).dataset["id"] ?? null;
    this.selectTool(id === this.toolId ? null : id);
    this.focus();
  }

  private onPickModel(event: MenuPickEvent) {
    this.selectModel(event.itemId);
    this.focus();
  }
}

import type { Attachment, ChatKitEvents, ChatKitOptions, OpenAIChatKit, StartScreenPrompt, ToolChoice, UserMessageContent } from "@openai/chatkit";
import { LitElement, nothing, type PropertyValues } from "lit";
import { property, query } from "lit/decorators.js";
import { createRef } from "lit/directives/ref.js";
import type { ComposerElement, ComposerSubmitEvent, Submission, ToolChangeEvent } from "./components/composer";
import type { ThreadPickEvent } from "./components/history";
import type { PreviewElement } from "./components/preview";
import type { Ui } from "./components/ui";
import { ChatController } from "./controller/chat";
import { HistoryController } from "./controller/history";
import type { Host } from "./controller/host";
import { loadStrings, translator } from "./i18n";
import type { Strings } from "./i18n/en";
import type { OpenEvents, OpenOptions } from "../../package";
import { readerLocale } from "../locale";
import { type Options, validateOptions } from "./options/validate";
import { ApiClient } from "./protocol/api";
import type { Thread, WidgetAction } from "./protocol/types";
import { contentOf, draftFromContent, emptyDraft, toInput } from "./state/draft";
import { sheets } from "./styles";
import { isStart, surfaceView } from "./surface";
import { ThemeSheet } from "./theme/theme-sheet";
import { createUi } from "./ui-actions";

interface MessageParams {
  text?: string;
  content?: UserMessageContent[];
  reply?: string;
  attachments?: Attachment[];
}

/** `<openai-chatkit>`: ChatKit's element, open and self-hosted. Its contract is the type OpenAIChatKit. */
export class ChatKitElement extends LitElement implements OpenAIChatKit, Host {
  static override styles = sheets;

  /** Extensions of this client; see OpenOptions. */
  @property({ attribute: false }) openOptions: OpenOptions = {};
  @query(".dock") private dock!: HTMLElement | null;

  declare addEventListener: OpenAIChatKit["addEventListener"];
  declare removeEventListener: OpenAIChatKit["removeEventListener"];

  options: Options | null = null;
  strings = translator(readerLocale());
  private readonly theme = new ThemeSheet();
  private readonly composer = createRef<ComposerElement>();
  private readonly previewRef = createRef<PreviewElement>();
  private readonly api = new ApiClient(() => ({
    url: this.options?.api.url ?? "",
    fetch: this.options?.api.fetch,
    locale: this.strings.locale,
    runsUrl: this.openOptions.runsUrl,
  }));
  private readonly chat = new ChatController(this.api, this);
  private readonly threads = new HistoryController(this.api, this);
  private ui: Ui = createUi(this, this.chat);
  private spoken = "";
  private revision = 0;
  private started = false;
  private speechless = false;
  /** The locale whose strings were asked for. */
  private language: string | null = null;
  private scheduled = false;
  private dockTop: number | null = null;
  private wasStart = true;

  // OpenAIChatKit

  setOptions(options: ChatKitOptions): void {
    this.options = validateOptions(options);
    this.theme.set(this.options.theme, this.openOptions.colorScheme);
    this.speak(readerLocale(this.options.locale));
    this.ui = createUi(this, this.chat);
    this.requestUpdate();
    this.start();
  }

  async focusComposer(): Promise<void> {
    await this.updateComplete;
    this.composer.value?.focus();
  }

  async setThreadId(threadId: string | null): Promise<void> {
    this.requireOptions();
    this.threads.close();
    await this.chat.open(threadId);
  }

  async sendCustomAction(action: WidgetAction, itemId?: string): Promise<void> {
    this.requireOptions();
    await this.chat.customAction(action, itemId);
  }

  async sendUserMessage(params: MessageParams & { newThread?: boolean; toolChoice?: ToolChoice; model?: string }): Promise<void> {
    this.requireOptions();
    if (params.newThread) await this.chat.open(null);
    if (this.chat.busy || this.chat.loading) throw new Error("The chat is busy: wait for chatkit.response.end.");
    await this.send({
      draft: { ...emptyDraft, ...draftOf(params) },
      tool: params.toolChoice?.id ?? null,
      model: params.model ?? null,
    });
  }

  async setComposerValue(
    params: MessageParams & { files?: File[]; selectedToolId?: string | null; selectedModelId?: string },
  ): Promise<void> {
    await this.updateComplete;
    const composer = this.composer.value;
    if (!composer) throw new Error("Call setOptions first.");
    composer.change(draftOf(params));
    if (params.files?.length) await composer.takeFiles(params.files);
    if (params.selectedToolId !== undefined) composer.selectTool(params.selectedToolId);
    if (params.selectedModelId !== undefined) composer.selectModel(params.selectedModelId);
    await composer.updateComplete;
  }

  async showHistory(): Promise<void> {
    this.requireOptions();
    await this.threads.open();
  }

  async hideHistory(): Promise<void> {
    this.threads.close();
  }

  async fetchUpdates(): Promise<void> {
    this.requireOptions();
    await this.chat.refresh();
  }

  // Host

  get preview() {
    return this.previewRef.value;
  }

  emit<K extends keyof (ChatKitEvents & OpenEvents)>(name: K, ...[detail]: unknown[]): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** Draws at most once per frame, however fast events come in; hidden pages have no frames. */
  changed(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const draw = () => {
      this.scheduled = false;
      this.requestUpdate();
    };
    if (document.visibilityState === "visible") requestAnimationFrame(draw);
    else setTimeout(draw, 100);
  }

  announce(text: string): void {
    this.spoken = text;
    this.changed();
  }

  // Lifecycle

  override connectedCallback() {
    super.connectedCallback();
    this.shadowRoot?.adoptedStyleSheets.push(this.theme.sheet);
    this.theme.connect();
    this.start();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.theme.disconnect();
    const root = this.shadowRoot;
    if (root) root.adoptedStyleSheets = root.adoptedStyleSheets.filter((sheet) => sheet !== this.theme.sheet);
    // Being moved within the page is not leaving it.
    queueMicrotask(() => {
      if (!this.isConnected) this.chat.leave();
    });
  }

  private start() {
    if (this.started || this.speechless || !this.options || !this.isConnected) return;
    this.started = true;
    const initial = this.options.initialThread ?? null;
    if (initial) {
      void this.chat.open(initial);
      void this.loadParts();
    }
    void this.updateComplete.then(() => {
      this.emit("chatkit.ready");
      // Not before the start screen stands: nothing of it waits for these.
      if (!initial) setTimeout(() => void this.loadParts());
    });
  }

  /** Brings what the first paint does without. */
  private async loadParts() {
    try {
      await Promise.all([import("./components/conversation"), import("./components/history")]);
    } catch (error) {
      this.chat.broke(error);
    }
    this.requestUpdate();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    this.revision++;
    if (changed.has("openOptions")) {
      this.ui = createUi(this, this.chat);
      this.theme.set(this.options?.theme, this.openOptions.colorScheme);
    }
    const start = isStart(this.chat);
    this.dockTop = start === this.wasStart ? null : (this.dock?.getBoundingClientRect().top ?? null);
    this.wasStart = start;
  }

  /** The composer glides from the middle of the start screen to its place below the conversation. */
  protected override updated() {
    if (this.dockTop === null || !this.dock) return;
    const distance = this.dockTop - this.dock.getBoundingClientRect().top;
    if (!distance || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    this.dock.animate([{ transform: `translateY(${distance}px)` }, { transform: "none" }], {
      duration: 320,
      easing: "cubic-bezier(0.2, 0.8, 0.2, 1)",
    });
  }

  protected override render() {
    if (!this.options || this.speechless) return nothing;
    return surfaceView({
      options: this.options,
      strings: this.strings,
      ui: this.ui,
      chat: this.chat,
      history: this.threads,
      revision: this.revision,
      spoken: this.spoken,
      composer: this.composer,
      preview: this.previewRef,
      api: this.api,
      onKey: this.onKey,
      onHold: this.onHold,
      onDrop: this.onDrop,
      onSubmit: this.onSubmit,
      onTool: this.onTool,
      onStop: this.onStop,
      onNew: this.onNew,
      onPrompt: this.onPrompt,
      onHistory: this.onHistory,
      onCloseHistory: this.onCloseHistory,
      onPickThread: this.onPickThread,
      onRenamed: this.onRenamed,
      onDeleted: this.onDeleted,
      onOlder: this.onOlder,
    });
  }

  /** Changes the language. The surface waits for its strings rather than showing English first. */
  private speak(locale: string) {
    if (locale === this.language) return;
    this.language = locale;
    this.strings = translator(locale);
    const loading = loadStrings(locale);
    if (!loading) return;
    this.speechless = true;
    const ready = (strings?: Strings) => {
      if (this.strings.locale !== locale) return;
      this.speechless = false;
      this.strings = translator(locale, strings);
      this.ui = createUi(this, this.chat);
      this.requestUpdate();
      this.start();
    };
    loading.then(ready, () => ready());
  }

  private requireOptions(): Options {
    if (!this.options) throw new Error("Call setOptions first.");
    return this.options;
  }

  /** Sends what was written; what the server does not take goes back to the composer. */
  private async send(submission: Submission): Promise<void> {
    const { draft, tool, model } = submission;
    const { attachments, quote } = draft;
    const input = toInput(contentOf(draft), { attachments, quote, tool, model });
    const taken = await this.chat.send(input, attachments, () => this.composer.value?.submit());
    if (!taken) this.composer.value?.restore(submission);
  }

  private async show(threadId: string | null) {
    this.threads.close();
    await this.chat.open(threadId);
    // On touch screens focus would bring up the keyboard over what was just opened.
    if (matchMedia("(pointer: fine)").matches) await this.focusComposer();
  }

  private readonly onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented || !this.chat.canStop) return;
    event.preventDefault();
    this.chat.stop();
  };
  private readonly onHold = (event: DragEvent) => {
    // Going over to a part within is no leaving.
    const isOver = event.type === "dragover" || (event.currentTarget as Element).contains(event.relatedTarget as Node | null);
    this.composer.value?.incoming.hold(event, isOver);
  };
  private readonly onDrop = (event: DragEvent) => this.composer.value?.incoming.give(event);
  private readonly onSubmit = (event: ComposerSubmitEvent) => void this.send(event.submission);
  private readonly onTool = ({ toolId }: ToolChangeEvent) => this.emit("chatkit.tool.change", { toolId });
  private readonly onStop = () => this.chat.stop();
  private readonly onNew = () => void this.show(null);
  private readonly onHistory = () => void this.threads.open();
  private readonly onCloseHistory = () => {
    this.threads.close();
    // The button is out of reach until the surface behind the drawer has been drawn again.
    this.requestUpdate();
    void this.updateComplete.then(() => this.focusHistoryButton());
  };
  private readonly onPickThread = ({ threadId }: ThreadPickEvent) => void this.show(threadId);
  private readonly onRenamed = ({ detail }: CustomEvent<Thread>) => this.chat.renamed(detail);
  private readonly onDeleted = ({ detail }: CustomEvent<string>) => {
    if (detail === this.chat.threadId) void this.chat.open(null);
  };
  private readonly onOlder = () => void this.chat.loadOlder();
  private readonly onPrompt = ({ prompt }: StartScreenPrompt) =>
    void this.send({
      draft: { ...emptyDraft, ...draftOf(typeof prompt === "string" ? { text: prompt } : { content: prompt }) },
      tool: null,
      model: null,
    });

  private focusHistoryButton() {
    this.renderRoot.querySelector<HTMLElement>('[aria-haspopup="dialog"]')?.focus();
  }
}

/** The parts of a draft that the given parameters name. */
function draftOf({ text, content, reply, attachments }: MessageParams) {
  return {
    ...(text === undefined ? {} : { text, tags: [] }),
    ...(content === undefined ? {} : draftFromContent(content)),
    ...(reply === undefined ? {} : { quote: reply }),
    ...(attachments === undefined ? {} : { attachments }),
  };
}

import type { StartScreenPrompt } from "@openai/chatkit";
import { html, nothing } from "lit";
import { ref, type Ref } from "lit/directives/ref.js";
import type { ComposerElement, ComposerSubmitEvent, ToolChangeEvent } from "./components/composer";
import { headerView } from "./components/header";
import type { ThreadPickEvent } from "./components/history";
import { noticeView, problemView } from "./components/problem";
import type { PreviewElement } from "./components/preview";
import { greetingView, promptsView } from "./components/start-screen";
import type { Ui } from "./components/ui";
import type { ChatController } from "./controller/chat";
import type { HistoryController } from "./controller/history";
import type { Translator } from "./i18n";
import type { Options } from "./options/validate";
import { plainText } from "./markdown/plain";
import type { ApiClient } from "./protocol/api";
import type { Thread } from "./protocol/types";

/** What the surface shows and whom it tells. */
export interface Surface {
  options: Options;
  strings: Translator;
  ui: Ui;
  chat: ChatController;
  history: HistoryController;
  /** Grows with each drawing, so that parts that share a controller are drawn again. */
  revision: number;
  spoken: string;
  composer: Ref<ComposerElement>;
  preview: Ref<PreviewElement>;
  api: ApiClient;
  onKey: (event: KeyboardEvent) => void;
  /** Files are held over the surface, or leave it. */
  onHold: (event: DragEvent) => void;
  onDrop: (event: DragEvent) => void;
  onSubmit: (event: ComposerSubmitEvent) => void;
  onTool: (event: ToolChangeEvent) => void;
  onStop: () => void;
  onNew: () => void;
  onPrompt: (prompt: StartScreenPrompt) => void;
  onHistory: () => void;
  onCloseHistory: () => void;
  onPickThread: (event: ThreadPickEvent) => void;
  onRenamed: (event: CustomEvent<Thread>) => void;
  onDeleted: (event: CustomEvent<string>) => void;
  onOlder: () => void;
}

export const isStart = (chat: ChatController) =>
  !chat.threadId && !chat.loading && chat.state.items.length === 0;

/** Whether a part that is loaded later is there by now. */
const has = (part: string) => customElements.get(part) !== undefined;

export function surfaceView(props: Surface) {
  const { options, strings, ui, chat, history } = props;
  const start = isStart(chat);
  const hasHistory = options.history?.enabled !== false;
  const behind = history.isOpen && has("ck-history");
  return html`<section
    class="app"
    part="app"
    data-view=${start ? "start" : "thread"}
    lang=${strings.locale}
    dir=${strings.dir}
    aria-label=${options.frameTitle ?? strings.t("app.label")}
    @keydown=${props.onKey}
    @dragover=${props.onHold}
    @dragleave=${props.onHold}
    @drop=${props.onDrop}
  >
    <div class="header-slot" ?inert=${behind}>
      ${headerView({
        strings,
        option: options.header ?? {},
        title: start ? "" : (chat.state.thread?.title ?? ""),
        history: hasHistory,
        historyOpen: history.isOpen,
        canStartNew: !start,
        onHistory: props.onHistory,
        onNew: props.onNew,
      })}
    </div>
    <div class="main" part="main" ?inert=${behind}>
      ${start
        ? greetingView(options.startScreen ?? {}, strings)
        : html`<ck-messages
            .ui=${ui}
            .thread=${chat.state}
            .busy=${chat.busy}
            .reconnecting=${chat.reconnecting}
            .loading=${chat.loading}
            .loadingOlder=${chat.loadingOlder}
            .anchorId=${chat.anchorId}
            .autoScroll=${options.thread?.autoScroll ?? false}
            @ck-older=${props.onOlder}
          ></ck-messages>`}
    </div>
    <div class="dock" ?inert=${behind}>
      <div class="column">
        ${chat.state.notices.map((notice) => noticeView(notice, ui, () => chat.dismissNotice(notice)))}
        ${chat.problem ? problemView(chat.problem, strings, () => chat.dismissProblem()) : nothing}
        ${ui.readOnly
          ? nothing
          : html`<ck-composer
              ${ref(props.composer)}
              .strings=${strings}
              .option=${options.composer ?? {}}
              .entities=${options.entities}
              .commands=${options.commands}
              .api=${props.api}
              .uploadStrategy=${options.api.uploadStrategy}
              .status=${chat.state.thread?.status}
              .busy=${chat.busy}
              .canStop=${chat.canStop}
              @ck-submit=${props.onSubmit}
              @ck-tool=${props.onTool}
              @ck-stop=${props.onStop}
            ></ck-composer>`}
      </div>
    </div>
    ${start ? promptsView(options.startScreen ?? {}, strings, props.onPrompt, behind) : nothing}
    ${options.disclaimer
      ? html`<div part="disclaimer" class="foot column ${options.disclaimer.highContrast ? "contrast" : ""}" ?inert=${behind}>
          ${has("ck-markdown")
            ? html`<ck-markdown dir="auto" .ui=${ui} .text=${options.disclaimer.text}></ck-markdown>`
            : html`<p dir="auto">${plainText(options.disclaimer.text)}</p>`}
        </div>`
      : nothing}
    ${hasHistory
      ? html`<ck-history
          ?open=${history.isOpen}
          .strings=${strings}
          .option=${options.history ?? {}}
          .history=${history}
          .revision=${props.revision}
          .currentId=${chat.threadId}
          @ck-close=${props.onCloseHistory}
          @ck-thread=${props.onPickThread}
          @ck-renamed=${props.onRenamed}
          @ck-deleted=${props.onDeleted}
        ></ck-history>`
      : nothing}
    ${options.entities?.onRequestPreview
      ? html`<ck-preview ${ref(props.preview)} .ui=${ui} .request=${options.entities.onRequestPreview}></ck-preview>`
      : nothing}
    <div class="sr-only" aria-live="polite">${props.spoken}</div>
  </section>`;
}

import { html, nothing } from "lit";
import { citeSources, type NumberedSource, sourceLabel, sourceTitle, sourceUrl } from "../markdown/sources";
import { entityOfSource } from "../state/draft";
import type { AssistantMessageItem, GeneratedImageItem, Source, ThreadItem } from "../protocol/types";
import { entityView } from "./entity";
import type { Ui } from "./ui";

/** The view of one item of an answer. `open`: it is still being written. */
export function itemView(item: ThreadItem, ui: Ui, open: boolean) {
  switch (item.type) {
    case "assistant_message":
      return assistantMessage(item, ui, open);
    case "workflow":
      return html`<ck-workflow .ui=${ui} .workflow=${item.workflow} .open=${open}></ck-workflow>`;
    case "task":
      return html`<ck-workflow .ui=${ui} .workflow=${{ type: "custom", tasks: [item.task] }} .open=${open}></ck-workflow>`;
    case "widget":
      loadWidgets();
      return html`<ck-widget .ui=${ui} .item=${item}></ck-widget>`;
    case "generated_image":
      return generatedImage(item, ui, open);
    case "structured_input":
      return html`<ck-questions .ui=${ui} .item=${item}></ck-questions>`;
    default:
      return nothing;
  }
}

/** Widgets are a chunk of their own; until it is there, their element stands empty. */
function loadWidgets() {
  if (!customElements.get("ck-widget")) void import("../widgets/define").catch(() => undefined);
}

function assistantMessage(item: AssistantMessageItem, ui: Ui, open: boolean) {
  const last = item.content.length - 1;
  return html`<div>
    ${item.content.map(
      (part, index) => html`<ck-markdown
        dir="auto"
        .ui=${ui}
        .text=${part.text}
        .annotations=${part.annotations ?? []}
        .streaming=${open && index === last}
      ></ck-markdown>`,
    )}
    ${open ? nothing : sourceRow(item, ui)}
  </div>`;
}

function sourceRow(item: AssistantMessageItem, ui: Ui) {
  const sources = item.content.flatMap((part) => citeSources("", part.annotations ?? []).sources);
  if (!sources.length) return nothing;
  return html`<div class="sources" role="group" aria-label=${ui.strings.t("sources.label")}>
    ${sources.map((entry) => sourceChip(entry, ui))}
  </div>`;
}

const ICONS: Record<Source["type"], string> = { url: "globe", file: "document", entity: "cube" };

export function sourceChip({ source }: Pick<NumberedSource, "source">, ui: Ui) {
  const url = sourceUrl(source);
  const body = html`<ck-icon name=${source.icon ?? ICONS[source.type] ?? "document"}></ck-icon><span>${sourceTitle(source) || sourceLabel(source)}</span>`;
  if (url) {
    return html`<a class="source" href=${url.href} target="_blank" rel="noopener noreferrer" title=${source.description ?? url.href}>${body}</a>`;
  }
  if (source.type !== "entity") return html`<span class="source">${body}</span>`;
  return entityView(entityOfSource(source), "source", body, ui);
}

function generatedImage(item: GeneratedImageItem, ui: Ui, open: boolean) {
  const { t } = ui.strings;
  if (!item.image) {
    return open
      ? html`<div class="gen-image pending" role="img" aria-label=${t("image.generating")}></div>`
      : nothing;
  }
  let url: URL;
  try {
    url = new URL(item.image.url, document.baseURI);
  } catch {
    return nothing;
  }
  if (!/^(?:https?|data|blob):$/.test(url.protocol)) return nothing;
  if (!ui.policy.isImageAllowed(url)) return ui.policy.imageGate(url, t("image.generated"));
  return html`<img class="gen-image" src=${url.href} alt=${t("image.generated")} />`;
}

import { html, nothing } from "lit";
import type { UserMessageItem } from "../protocol/types";
import type { Tag } from "../state/draft";
import type { Ui } from "./ui";

function tag(part: Tag, ui: Ui) {
  const open = part.interactive === false ? null : ui.openTag;
  if (!open) return html`<span class="tag">${part.text}</span>`;
  const onClick = () => open(part);
  return html`<button type="button" class="tag" @click=${onClick}>${part.text}</button>`;
}

export function userMessage(item: UserMessageItem, ui: Ui) {
  const { t } = ui.strings;
  const attachments = item.attachments ?? [];
  const hasText = item.content.some((part) => part.text);
  return html`<div class="user ${item.local_key || item.id.startsWith("local:") ? "local" : ""}" role="group" aria-label=${t("messages.you")}>
    ${item.quoted_text
      ? html`<div class="quoted"><ck-icon name="reply"></ck-icon><span>${item.quoted_text}</span></div>`
      : nothing}
    ${attachments.length
      ? html`<div class="files">
          ${attachments.map((attachment) =>
            attachment.type === "image"
              ? html`<img class="file-image" src=${attachment.preview_url} alt=${attachment.name} />`
              : html`<div class="file"><ck-icon name="attachment"></ck-icon><span>${attachment.name}</span></div>`,
          )}
        </div>`
      : nothing}
    ${hasText
      ? html`<div class="bubble" dir="auto">${item.content.map((part) => (part.type === "input_tag" ? tag(part, ui) : part.text))}</div>`
      : nothing}
  </div>`;
}

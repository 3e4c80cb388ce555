import { html, nothing } from "lit";
import type { UserMessageItem } from "../protocol/types";
import { entityOf } from "../state/draft";
import { entityView } from "./entity";
import type { Ui } from "./ui";

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
      ? html`<div class="bubble" part="user-message" dir="auto">${item.content.map((part) => (part.type === "input_tag" ? entityView(entityOf(part), "tag", part.text, ui) : part.text))}</div>`
      : nothing}
  </div>`;
}

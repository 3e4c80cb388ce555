import type { HeaderOption } from "@openai/chatkit";
import { html, nothing } from "lit";
import type { StringKey } from "../i18n/en";
import type { Translator } from "../i18n";

export interface HeaderProps {
  strings: Translator;
  option: HeaderOption;
  title: string;
  /** Whether the history can be opened from here. */
  history: boolean;
  historyOpen: boolean;
  /** Whether there is a conversation to leave for a new one. */
  canStartNew: boolean;
  onHistory: () => void;
  onNew: () => void;
}

function action(option: HeaderOption["leftAction"], label: StringKey, { t }: Translator) {
  if (!option) return nothing;
  return html`<button type="button" class="icon-button" aria-label=${t(label)} @click=${option.onClick}>
    <ck-icon name=${option.icon}></ck-icon>
  </button>`;
}

export function headerView(props: HeaderProps) {
  const { option, strings, history, historyOpen, canStartNew } = props;
  if (option.enabled === false) return nothing;
  const { t } = strings;
  const title = option.title?.enabled === false ? "" : (option.title?.text ?? props.title);
  return html`<header class="header" part="header">
    ${action(option.leftAction, "header.leftAction", strings)}
    ${history
      ? html`<button type="button" class="icon-button" aria-label=${t("header.history")} title=${t("header.history")} aria-haspopup="dialog" aria-expanded=${historyOpen} @click=${props.onHistory}>
          <ck-icon name="sidebar-left"></ck-icon>
        </button>`
      : nothing}
    ${title ? html`<h2 class="title" part="title" dir="auto">${title}</h2>` : html`<span class="title"></span>`}
    ${canStartNew
      ? html`<button type="button" class="icon-button" aria-label=${t("header.newChat")} title=${t("header.newChat")} @click=${props.onNew}>
          <ck-icon name="compose"></ck-icon>
        </button>`
      : nothing}
    ${action(option.rightAction, "header.rightAction", strings)}
  </header>`;
}

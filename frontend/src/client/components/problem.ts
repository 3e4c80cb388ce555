import { html, nothing } from "lit";
import type { Problem } from "../controller/problem";
import type { Translator } from "../i18n";
import type { Notice } from "../state/model";
import type { Ui } from "./ui";

export function problemView(problem: Problem, { t }: Translator, dismiss?: () => void) {
  const { message, hint, signInUrl, retry } = problem;
  return html`<div class="problem" part="problem">
    <ck-icon name="alert"></ck-icon>
    <div class="problem-text"><strong><bdi>${message}</bdi></strong>${hint ? html`<small><bdi>${hint}</bdi></small>` : nothing}</div>
    ${signInUrl ? html`<a class="button" href=${signInUrl}><ck-icon name="sign-in"></ck-icon>${t("actions.signIn")}</a>` : nothing}
    ${retry ? html`<button type="button" class="button" @click=${retry}><ck-icon name="reload"></ck-icon>${t("actions.retry")}</button>` : nothing}
    ${dismiss
      ? html`<button type="button" class="icon-button small" aria-label=${t("actions.close")} @click=${dismiss}><ck-icon name="close"></ck-icon></button>`
      : nothing}
  </div>`;
}

const NOTICE_ICONS: Record<Notice["level"], string> = { info: "info", warning: "warning", danger: "alert" };

export function noticeView(notice: Notice, ui: Ui, dismiss: () => void) {
  const level = notice.level in NOTICE_ICONS ? notice.level : "info";
  return html`<div class="notice ${level}" part="notice" role="status">
    <ck-icon name=${NOTICE_ICONS[level]}></ck-icon>
    <div class="problem-text">
      ${notice.title ? html`<strong><bdi>${notice.title}</bdi></strong>` : nothing}
      <ck-markdown dir="auto" .ui=${ui} .text=${notice.message}></ck-markdown>
    </div>
    <button type="button" class="icon-button small" aria-label=${ui.strings.t("actions.close")} @click=${dismiss}><ck-icon name="close"></ck-icon></button>
  </div>`;
}

import type { HistoryOption } from "@openai/chatkit";
import { html, nothing, type PropertyValues } from "lit";
import { property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { HistoryController } from "../controller/history";
import type { Translator } from "../i18n";
import type { StringKey } from "../i18n/en";
import type { Thread } from "../protocol/types";
import { history } from "../styles/history";
import { LightElement } from "./light-element";
import type { MenuPickEvent } from "./menu";
import { problemView } from "./problem";

export class ThreadPickEvent extends Event {
  constructor(readonly threadId: string | null) {
    super("ck-thread", { bubbles: true });
  }
}

const DAY = 86_400_000;
/** With fewer chats one sees at a glance which is meant. */
const SEARCH_FROM = 8;
/** So many chats are looked through; who has more finds them by asking the assistant. */
const MOST_SEARCHED = 1000;

function group(thread: Thread, today: number): StringKey {
  const created = new Date(thread.created_at).setHours(0, 0, 0, 0);
  const days = Math.round((today - created) / DAY);
  if (days <= 0) return "history.today";
  if (days === 1) return "history.yesterday";
  if (days <= 7) return "history.week";
  return days <= 30 ? "history.month" : "history.earlier";
}

/** The drawer with the reader's chats. Behaves as a dialog: focus stays in it, Escape closes it. */
export class HistoryElement extends LightElement {
  static override sheets = [history];
  @property({ attribute: false }) strings!: Translator;
  @property({ attribute: false }) option: HistoryOption = {};
  @property({ attribute: false }) history!: HistoryController;
  /** Changes with whatever the controller holds, so that the drawer is drawn again. */
  @property({ attribute: false }) revision = 0;
  @property({ attribute: false }) currentId: string | null = null;
  @property({ type: Boolean, reflect: true }) open = false;
  @state() private editing: string | null = null;
  @state() private confirming: string | null = null;
  @state() private wanted = "";
  @query(".drawer") private drawer!: HTMLElement;
  @query(".entry-edit input") private editor!: HTMLInputElement | null;
  @query(".entry-confirm button") private confirmButton!: HTMLElement | null;

  protected override updated(changed: PropertyValues) {
    if (changed.has("open") && this.open) this.drawer.focus({ preventScroll: true });
    if (changed.has("editing") && this.editing) this.editor?.select();
    if (changed.has("confirming") && this.confirming) this.confirmButton?.focus();
  }

  protected override render() {
    const { t } = this.strings;
    const { loading, hasMore, problem } = this.history;
    const threads = this.found();
    return html`
      <div class="scrim" @click=${this.close}></div>
      <div class="drawer" part="history" role="dialog" aria-modal="true" aria-label=${t("header.history")} tabindex="-1" @keydown=${this.onKey}>
        <div class="drawer-head">
          <h2>${t("history.title")}</h2>
          <button type="button" class="icon-button" aria-label=${t("actions.close")} @click=${this.close}>
            <ck-icon name="close"></ck-icon>
          </button>
        </div>
        <button type="button" class="drawer-new" @click=${this.onNew}><ck-icon name="compose"></ck-icon>${t("header.newChat")}</button>
        ${this.search()}
        <div class="drawer-list" tabindex="0" role="region" aria-label=${t("history.title")} @scroll=${this.onScroll}>
          ${problem ? problemView(problem, this.strings) : nothing}
          ${this.groups(threads)}
          ${loading ? this.skeleton(threads.length === 0) : nothing}
          ${!loading && !threads.length && !problem ? html`<p class="drawer-empty" role="status">${t(this.wanted ? "history.noMatch" : "history.empty")}</p>` : nothing}
          ${!loading && hasMore ? html`<button type="button" class="drawer-new" @click=${this.onMore}>${t("actions.showMore")}</button>` : nothing}
        </div>
      </div>
    `;
  }

  private search() {
    const { threads, hasMore } = this.history;
    if (threads.length < SEARCH_FROM && !hasMore && !this.wanted) return nothing;
    const label = this.strings.t("history.search");
    return html`<input class="drawer-search" type="search" aria-label=${label} placeholder=${label} autocomplete="off" .value=${this.wanted} @input=${this.onSearch} />`;
  }

  /** The chats that have all the words in their titles. */
  private found(): Thread[] {
    const words = this.wanted.toLocaleLowerCase(this.strings.locale).split(/\s+/).filter(Boolean);
    return this.history.threads.filter(({ title }) => {
      const text = (title || this.strings.t("history.untitled")).toLocaleLowerCase(this.strings.locale);
      return words.every((word) => text.includes(word));
    });
  }

  private async onSearch(event: Event) {
    this.wanted = (event.target as HTMLInputElement).value;
    const { history } = this;
    while (this.wanted && this.open && history.hasMore && !history.loading && history.threads.length < MOST_SEARCHED) await history.more();
  }

  private skeleton(first: boolean) {
    const lines = first ? ["mid", "short", "mid", "short"] : ["mid"];
    return html`<div class="loading entry-skeleton" role="status">
      <span class="sr-only">${this.strings.t("history.loading")}</span>
      ${lines.map((line) => html`<div class="skeleton ${line}"></div>`)}
    </div>`;
  }

  private groups(threads: Thread[]) {
    const today = new Date().setHours(0, 0, 0, 0);
    const groups = new Map<StringKey, Thread[]>();
    for (const thread of threads) {
      const key = group(thread, today);
      groups.set(key, [...(groups.get(key) ?? []), thread]);
    }
    return [...groups].map(
      ([key, members]) => html`
        <h3>${this.strings.t(key)}</h3>
        <ul>
          ${repeat(
            members,
            (thread) => thread.id,
            (thread) => html`<li class="entry ${thread.id === this.currentId ? "current" : ""}" data-id=${thread.id}>${this.entry(thread)}</li>`,
          )}
        </ul>
      `,
    );
  }

  private entry(thread: Thread) {
    const { t } = this.strings;
    const title = thread.title || t("history.untitled");
    if (this.editing === thread.id) {
      return html`<form class="entry-edit" @submit=${this.onRename} @focusout=${this.onRename}>
        <input name="title" .value=${title} maxlength="200" autocomplete="off" aria-label=${t("history.renameLabel")} />
      </form>`;
    }
    if (this.confirming === thread.id) {
      return html`<div class="entry-confirm" role="group" aria-label=${t("history.confirmDelete")}>
        <p>${t("history.confirmDelete")}</p>
        <button type="button" class="button" @click=${this.onKeep}>${t("actions.cancel")}</button>
        <button type="button" class="button danger" @click=${this.onDelete}>${t("history.delete")}</button>
      </div>`;
    }
    const items = [
      ...(this.option.showRename === false ? [] : [{ id: "rename", label: t("history.rename"), icon: "write" }]),
      ...(this.option.showDelete === false ? [] : [{ id: "delete", label: t("history.delete"), icon: "delete", danger: true }]),
    ];
    return html`
      <button type="button" class="entry-open" aria-current=${thread.id === this.currentId ? "true" : nothing} title=${title} dir="auto" @click=${this.onOpen}>${title}</button>
      ${items.length ? html`<ck-menu .items=${items} label=${t("history.options", { title })} @ck-pick=${this.onOption}></ck-menu>` : nothing}
    `;
  }

  private threadOf(event: Event): Thread | undefined {
    const id = (event.currentTarget as HTMLElement).closest<HTMLElement>(".entry")?.dataset["id"];
    return this.history.threads.find((thread) => thread.id === id);
  }

  private close() {
    this.editing = this.confirming = null;
    this.wanted = "";
    this.dispatchEvent(new Event("ck-close", { bubbles: true }));
  }

  private onNew() {
    this.dispatchEvent(new ThreadPickEvent(null));
  }

  private onOpen(event: Event) {
    const thread = this.threadOf(event);
    if (thread) this.dispatchEvent(new ThreadPickEvent(thread.id));
  }

  private onOption(event: MenuPickEvent) {
    const thread = this.threadOf(event);
    this.editing = event.itemId === "rename" ? (thread?.id ?? null) : null;
    this.confirming = event.itemId === "delete" ? (thread?.id ?? null) : null;
  }

  private async onRename(event: Event) {
    event.preventDefault();
    const thread = this.threadOf(event);
    const title = this.editor?.value.trim();
    if (!thread || this.editing !== thread.id) return;
    const entry = (event.currentTarget as HTMLElement).closest(".entry");
    this.editing = null;
    if (event.type === "submit") {
      // The field that had the focus is gone.
      await this.updateComplete;
      entry?.querySelector<HTMLElement>(".entry-open")?.focus();
    }
    if (!title || title === thread.title) return;
    const renamed = await this.history.rename(thread, title);
    this.dispatchEvent(new CustomEvent("ck-renamed", { bubbles: true, detail: renamed }));
  }

  private onKeep() {
    this.confirming = null;
    this.drawer.focus();
  }

  private async onDelete(event: Event) {
    const thread = this.threadOf(event);
    this.confirming = null;
    this.drawer.focus();
    if (thread && (await this.history.delete(thread))) {
      this.dispatchEvent(new CustomEvent("ck-deleted", { bubbles: true, detail: thread.id }));
    }
  }

  private onMore() {
    void this.history.more();
  }

  private onScroll(event: Event) {
    const list = event.currentTarget as HTMLElement;
    if (list.scrollHeight - list.scrollTop - list.clientHeight < 200) void this.history.more();
  }

  private onKey(event: KeyboardEvent) {
    if (event.key === "Escape") {
      event.stopPropagation();
      if (this.editing || this.confirming) {
        this.editing = this.confirming = null;
        this.drawer.focus();
      } else this.close();
    } else if (event.key === "Tab") this.keepFocus(event);
  }

  private keepFocus(event: KeyboardEvent) {
    const stops = [...this.drawer.querySelectorAll<HTMLElement>("button, input, [tabindex='0']")].filter(
      (element) => element.tabIndex >= 0 && element.checkVisibility(),
    );
    const active = (this.getRootNode() as ShadowRoot).activeElement;
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (active === edge || (event.shiftKey && active === this.drawer)) {
      event.preventDefault();
      (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
    }
  }
}

if (!customElements.get("ck-history")) customElements.define("ck-history", HistoryElement);

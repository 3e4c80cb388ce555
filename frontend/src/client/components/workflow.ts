import { html, nothing, type PropertyValues } from "lit";
import { property, state } from "lit/decorators.js";
import type { StringKey } from "../i18n/en";
import type { Task, Workflow } from "../protocol/types";
import { workflow } from "../styles/workflow";
import { sourceChip } from "./items";
import { LightElement } from "./light-element";
import type { Ui } from "./ui";

const TITLES: Partial<Record<Task["type"], StringKey>> = {
  web_search: "workflow.searching",
  thought: "workflow.thinking",
  file: "workflow.files",
  image: "workflow.image",
};

const ICONS: Record<Task["type"], string> = {
  custom: "dot",
  web_search: "globe",
  thought: "lightbulb",
  file: "document",
  image: "images",
};

/** Steps that led to an answer: one line that says what is going on, and the steps behind it. */
export class WorkflowElement extends LightElement {
  static override sheets = [workflow];
  @property({ attribute: false }) ui!: Ui;
  @property({ attribute: false }) workflow!: Workflow;
  @property({ attribute: false }) open = false;
  @state() private expanded = false;

  protected override willUpdate(changed: PropertyValues<this>) {
    // The server's wish counts when it changes; the reader's click counts in between.
    const before = changed.get("workflow");
    if (changed.has("workflow") && before?.expanded !== this.workflow.expanded) {
      this.expanded = this.workflow.expanded ?? false;
    }
  }

  protected override render() {
    const { tasks } = this.workflow;
    return html`<div class="workflow">
      <button type="button" class="workflow-head" aria-expanded=${this.expanded} ?disabled=${!tasks.length} @click=${this.onToggle}>
        <bdi class=${this.open ? "shimmer" : ""}>${this.headline()}</bdi>
        ${tasks.length ? html`<ck-icon name="chevron-right"></ck-icon>` : nothing}
      </button>
      ${this.expanded ? html`<ul class="steps">${tasks.map((task) => this.step(task))}</ul>` : nothing}
    </div>`;
  }

  private headline(): string {
    const { t } = this.ui.strings;
    const { summary, tasks, type } = this.workflow;
    const last = tasks.at(-1);
    if (this.open) return (last && this.titleOf(last)) || t(type === "reasoning" ? "workflow.thinking" : "workflow.working");
    if (summary?.title) return summary.title;
    if (typeof summary?.duration === "number") return t("workflow.thought", { duration: this.duration(summary.duration) });
    if (tasks.length === 1 && last) return this.titleOf(last);
    return tasks.length ? t("workflow.steps", { count: tasks.length }) : t("workflow.done");
  }

  private duration(seconds: number): string {
    const { t } = this.ui.strings;
    return seconds < 90
      ? t("duration.seconds", { count: Math.max(1, Math.round(seconds)) })
      : t("duration.minutes", { count: Math.round(seconds / 60) });
  }

  private titleOf(task: Task): string {
    const key = TITLES[task.type];
    return task.title ?? (key ? this.ui.strings.t(key) : "");
  }

  private step(task: Task) {
    const loading = task.status_indicator === "loading" && this.open;
    return html`<li class="step">
      <span class="step-icon"><ck-icon class=${task.type === "custom" && !task.icon ? "dot" : ""} name=${task.icon ?? ICONS[task.type] ?? "dot"}></ck-icon></span>
      <div>
        ${this.titleOf(task) ? html`<bdi class=${loading ? "shimmer" : ""}>${this.titleOf(task)}</bdi>` : nothing}
        ${task.content ? html`<ck-markdown dir="auto" .ui=${this.ui} .text=${task.content}></ck-markdown>` : nothing}
        ${task.queries?.length ? html`<div class="queries">${task.queries.map((query) => html`<span class="source"><ck-icon name="search"></ck-icon><bdi>${query}</bdi></span>`)}</div>` : nothing}
        ${task.sources?.length ? html`<div class="queries">${task.sources.map((source) => sourceChip({ source }, this.ui))}</div>` : nothing}
      </div>
    </li>`;
  }

  private onToggle() {
    this.expanded = !this.expanded;
  }
}

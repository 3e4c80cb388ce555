import { html, nothing } from "lit";
import { property } from "lit/decorators.js";
import type { StructuredAnswer, StructuredInputItem, StructuredQuestion } from "../protocol/types";
import { questions } from "../styles/questions";
import { LightElement } from "./light-element";
import type { Ui } from "./ui";

/** Questions of the assistant that are answered by choosing or writing. */
export class QuestionsElement extends LightElement {
  static override sheets = [questions];
  @property({ attribute: false }) ui!: Ui;
  @property({ attribute: false }) item!: StructuredInputItem;

  protected override render() {
    const { t } = this.ui.strings;
    if (this.item.status !== "pending") {
      return html`<div class="questions">${this.item.inputs.map((input) => this.answered(input))}</div>`;
    }
    if (this.ui.readOnly) return html`<div class="questions">${this.item.inputs.map((input) => this.question(input))}</div>`;
    return html`<form class="questions" @submit=${this.onSubmit}>
      ${this.item.inputs.map((input) => this.question(input))}
      <footer>
        <button type="submit" class="button primary">${t("actions.submit")}</button>
        <button type="button" class="button" @click=${this.onSkip}>${t("actions.skip")}</button>
      </footer>
    </form>`;
  }

  private answered({ question, answer }: StructuredQuestion) {
    const { t } = this.ui.strings;
    const values = answer?.values.join(", ");
    return html`<div>
      <strong><bdi>${question}</bdi></strong>
      <p><bdi>${values || t(this.item.status === "skipped" || answer?.skipped ? "question.skipped" : "question.answered")}</bdi></p>
    </div>`;
  }

  private question(input: StructuredQuestion) {
    const { t } = this.ui.strings;
    const label = input.type === "freeform" ? input.question : t("question.other");
    return html`<fieldset ?disabled=${this.ui.readOnly}>
      <legend><bdi>${input.question}</bdi></legend>
      ${input.description ? html`<small><bdi>${input.description}</bdi></small>` : nothing}
      ${(input.options ?? []).map(
        ({ value }) => html`<label class="choice">
          <input type=${input.multiple ? "checkbox" : "radio"} name=${input.id} value=${value} />
          <bdi>${value}</bdi>
        </label>`,
      )}
      <input class="input" name=${`${input.id}:text`} aria-label=${label} placeholder=${label} />
    </fieldset>`;
  }

  private onSubmit(event: Event) {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const answers: StructuredAnswer["answers"] = {};
    for (const { id } of this.item.inputs) {
      const written = String(data.get(`${id}:text`) ?? "").trim();
      const values = [...data.getAll(id).map(String), ...(written ? [written] : [])];
      answers[id] = { values, skipped: values.length === 0 };
    }
    this.ui.answerQuestions(this.item.id, { status: "answered", answers });
  }

  private onSkip() {
    this.ui.answerQuestions(this.item.id, { status: "skipped", answers: {} });
  }
}

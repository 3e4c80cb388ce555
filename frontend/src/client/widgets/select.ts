import { html, nothing } from "lit";
import { query, state } from "lit/decorators.js";
import type { WidgetNode } from "../protocol/types";
import type { WidgetContext, WidgetView } from "./context";
import { ariaLabel, controlClasses, onChange } from "./field";
import { type Choice, choicesOf } from "./fields";
import { PickerElement } from "./picker";
import { classes, text } from "./values";

/** From so many options on they can be searched, as in ChatKit. */
const MANY = 15;

const isSearchable = (node: WidgetNode) =>
  typeof node["searchable"] === "boolean" ? node["searchable"] : choicesOf(node).length > MANY;

/** The list of the browser serves best, above all on phones, where it can show what is asked for. */
export const select: WidgetView = (node, context) => {
  const needsMore =
    node["clearable"] === true || isSearchable(node) || choicesOf(node).some((choice) => text(choice.description));
  return needsMore ? html`<ck-select .node=${node} .context=${context}></ck-select>` : plainSelect(node, context);
};

function plainSelect(node: WidgetNode, context: WidgetContext) {
  const chosen = text(node["defaultValue"]);
  const placeholder = text(node["placeholder"]);
  const hasChosen = choicesOf(node).some(({ value }) => text(value) === chosen);
  return html`<span class=${classes("select w-select", node["block"] === true && "block")}>
    <select
      class=${controlClasses("input w-control", node)}
      id=${context.fieldId(node["name"])}
      name=${text(node["name"])}
      aria-label=${ariaLabel(node, context) ?? nothing}
      ?required=${node["required"] === true}
      ?disabled=${node["disabled"] === true}
      @change=${onChange(node, context)}
    >
      ${placeholder || !hasChosen
        ? html`<option value="" ?selected=${!hasChosen}>${placeholder || context.ui.strings.t("widget.choose")}</option>`
        : nothing}
      ${choicesOf(node).map(
        ({ value, label, disabled }) =>
          html`<option value=${text(value)} ?selected=${text(value) === chosen} ?disabled=${disabled === true}>${text(label)}</option>`,
      )}
    </select>
    <ck-icon name="chevron-down"></ck-icon>
  </span>`;
}

const plain = (words: string) => words.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** A select with a search field, descriptions, and a way back to nothing. */
export class SelectElement extends PickerElement {
  @state() private search = "";
  @state() private active = 0;
  @query(".w-search") private field!: HTMLInputElement | null;
  @query("[role=listbox]") private list!: HTMLElement | null;
  protected readonly icon = "chevron-down";

  protected get hint() {
    return this.t("widget.choose");
  }

  protected override initial() {
    return text(this.node["defaultValue"]);
  }

  protected override words() {
    return text(choicesOf(this.node).find(({ value }) => text(value) === this.value)?.label);
  }

  private get shown(): Choice[] {
    const wanted = plain(this.search.trim());
    return choicesOf(this.node).filter(
      ({ label, description }) => !wanted || plain(`${text(label)} ${text(description)}`).includes(wanted),
    );
  }

  private optionId(index: number) {
    return `${this.context.fieldId(this.node["name"])}-${index}`;
  }

  protected override content() {
    const shown = this.shown;
    const listId = `${this.context.fieldId(this.node["name"])}-list`;
    const active = shown[this.active] ? this.optionId(this.active) : nothing;
    return html`
      ${isSearchable(this.node)
        ? html`<input
            class="w-search"
            type="text"
            role="combobox"
            aria-expanded="true"
            aria-autocomplete="list"
            aria-controls=${listId}
            aria-activedescendant=${active}
            aria-label=${this.t("widget.search")}
            placeholder=${this.t("widget.search")}
            autocomplete="off"
            .value=${this.search}
            @input=${this.onSearch}
            @keydown=${this.onKey}
          />`
        : nothing}
      <ul
        role="listbox"
        class="w-options"
        id=${listId}
        tabindex=${isSearchable(this.node) ? "-1" : "0"}
        aria-label=${text(this.node["placeholder"]) || this.hint}
        aria-activedescendant=${active}
        @keydown=${this.onKey}
      >
        ${shown.map((choice, index) => this.option(choice, index))}
      </ul>
      ${shown.length ? nothing : html`<p class="w-none" role="status">${this.t("widget.noResults")}</p>`}
    `;
  }

  private option(choice: Choice, index: number) {
    const chosen = text(choice.value) === this.value;
    const onClick = () => this.choose(index);
    return html`<li
      role="option"
      class=${classes("menu-item w-option", index === this.active && "active")}
      id=${this.optionId(index)}
      aria-selected=${chosen}
      aria-disabled=${choice.disabled === true ? "true" : nothing}
      @click=${onClick}
    >
      <span dir="auto">${text(choice.label)}${text(choice.description) ? html`<small>${text(choice.description)}</small>` : nothing}</span>
      ${chosen ? html`<ck-icon name="check"></ck-icon>` : nothing}
    </li>`;
  }

  protected override focusContent() {
    this.search = "";
    this.active = Math.max(0, this.shown.findIndex(({ value }) => text(value) === this.value));
    (this.field ?? this.list)?.focus();
    this.reveal();
  }

  private choose(index: number) {
    const choice = this.shown[index];
    if (choice && choice.disabled !== true) void this.pick(text(choice.value));
  }

  private reveal() {
    void this.updateComplete.then(() => this.list?.querySelector(".active")?.scrollIntoView({ block: "nearest" }));
  }

  private readonly onSearch = () => {
    this.search = this.field?.value ?? "";
    this.active = 0;
    this.reveal();
  };

  private readonly onKey = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const last = this.shown.length - 1;
    const inField = event.currentTarget === this.field;
    const to: Record<string, number> = {
      ArrowDown: Math.min(this.active + 1, last),
      ArrowUp: Math.max(this.active - 1, 0),
      // In the search field these move the cursor.
      ...(inField ? {} : { Home: 0, End: last }),
    };
    if (event.key === "Enter" || (event.key === " " && !inField)) {
      event.preventDefault();
      this.choose(this.active);
    } else if (to[event.key] !== undefined) {
      event.preventDefault();
      this.active = to[event.key] ?? 0;
      this.reveal();
    }
  };
}

import type { Command, CommandsOption, EntitiesOption, Entity } from "@openai/chatkit";
import { html, nothing } from "lit";
import { property, query, state } from "lit/decorators.js";
import type { Translator } from "../i18n";
import { type Trigger, triggerAt } from "../state/trigger";
import type { BuiltinCommand } from "./builtin-commands";
import { LightElement } from "./light-element";

/** Until nothing more is typed, in milliseconds. */
const PAUSE = 120;

/** Between the menu and the field, and between the menu and the edge of the window. */
const GAP = 6;
const MARGIN = 8;

type Choice = { entity: Entity } | { command: Command | BuiltinCommand };

/** Something was chosen in place of what the trigger covers; without an entity, that part of the text goes. */
export class SuggestEvent extends Event {
  constructor(
    readonly trigger: Trigger,
    readonly entity: Entity | null,
  ) {
    super("ck-suggest", { bubbles: true });
  }
}

/** The menu above the composer: entities after "@", commands after "/". The text field keeps the focus. */
export class SuggestionsElement extends LightElement {
  @property({ attribute: false }) strings!: Translator;
  @property({ attribute: false }) entities: EntitiesOption | undefined;
  @property({ attribute: false }) commands: CommandsOption | undefined;
  @property({ attribute: false }) builtins: readonly BuiltinCommand[] = [];
  @property({ attribute: false }) field: HTMLTextAreaElement | null = null;
  @state() private choices: Choice[] = [];
  @state() private active = 0;
  @query(".menu") private menu!: HTMLElement | null;
  private trigger: Trigger | null = null;
  /** Changes with each search, so that late answers of another one are dropped. */
  private search = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Looks what stands before the caret, and shows what there is for it. */
  look() {
    const { field } = this;
    const trigger = field && field.selectionStart === field.selectionEnd ? triggerAt(field.value, field.selectionStart) : null;
    const find = trigger && this.finder(trigger);
    if (!find) return this.close();
    this.trigger = trigger;
    const search = ++this.search;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      find().then(
        (choices) => search === this.search && this.show(choices),
        () => search === this.search && this.close(),
      );
    }, PAUSE);
  }

  close() {
    this.search++;
    clearTimeout(this.timer);
    this.trigger = null;
    this.show([]);
  }

  /** True when the key was meant for the menu. */
  onKey(event: KeyboardEvent): boolean {
    if (!this.choices.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.active = (this.active + step + this.choices.length) % this.choices.length;
    else if (event.key === "Enter" || event.key === "Tab") void this.pick(this.active);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  protected override render() {
    if (!this.choices.length) return nothing;
    const label = this.strings.t("entity" in (this.choices[0] ?? {}) ? "composer.mention" : "composer.commands");
    return html`<div class="menu suggestions" popover="manual" role="listbox" id="ck-suggestions" aria-label=${label}>
      ${this.choices.map((choice, index) => this.option(choice, index))}
    </div>`;
  }

  private option(choice: Choice, index: number) {
    const entity = "entity" in choice ? choice.entity : null;
    const { icon, group } = "entity" in choice ? choice.entity : choice.command;
    const title = "entity" in choice ? choice.entity.title : choice.command.label;
    const detail = entity ? group : "command" in choice ? choice.command.description : undefined;
    // Pressing must not take the focus from the text.
    const keep = (event: Event) => event.preventDefault();
    return html`<div
      class="menu-item"
      role="option"
      id=${`ck-suggestion-${index}`}
      aria-selected=${index === this.active}
      @mousedown=${keep}
      @click=${() => void this.pick(index)}
    >
      ${icon ? html`<ck-icon name=${icon}></ck-icon>` : nothing}
      <span><bdi>${title}</bdi>${detail ? html`<small><bdi>${detail}</bdi></small>` : nothing}</span>
    </div>`;
  }

  protected override updated() {
    const { field, menu } = this;
    if (field) {
      const shown = this.choices.length > 0;
      field.setAttribute("aria-autocomplete", "list");
      if (shown) field.setAttribute("aria-activedescendant", `ck-suggestion-${this.active}`);
      else field.removeAttribute("aria-activedescendant");
    }
    if (!menu || !field) return;
    if (!menu.matches(":popover-open")) menu.showPopover();
    const box = (field.closest("form") ?? field).getBoundingClientRect();
    // Above the field or below it, where there is more room; never over it.
    const above = box.top - GAP - MARGIN;
    const below = innerHeight - box.bottom - GAP - MARGIN;
    menu.style.removeProperty("max-block-size");
    const room = menu.offsetHeight <= above || above >= below ? above : below;
    menu.style.setProperty("max-block-size", `min(420px, ${room}px)`);
    const top = room === above ? box.top - GAP - menu.offsetHeight : box.bottom + GAP;
    menu.style.setProperty("left", `${Math.max(MARGIN, box.left)}px`);
    menu.style.setProperty("top", `${top}px`);
    menu.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }

  private finder({ kind, query }: Trigger): (() => Promise<Choice[]>) | null {
    if (kind === "entity") {
      const find = this.entities?.onTagSearch;
      return find ? async () => (await find(query)).map((entity) => ({ entity })) : null;
    }
    const { commands, builtins } = this;
    if (!commands?.enabled) return null;
    const wanted = query.trim().toLocaleLowerCase();
    const own = builtins.filter(({ label }) => label.toLocaleLowerCase().includes(wanted));
    return async () => [...own, ...((await commands.onSearch?.(query)) ?? [])].map((command) => ({ command }));
  }

  private show(choices: Choice[]) {
    this.choices = choices;
    this.active = 0;
  }

  private async pick(index: number) {
    const choice = this.choices[index];
    const { trigger } = this;
    if (!choice || !trigger) return;
    this.close();
    if ("entity" in choice) return void this.dispatchEvent(new SuggestEvent(trigger, choice.entity));
    this.dispatchEvent(new SuggestEvent(trigger, null));
    if ("run" in choice.command) return choice.command.run();
    const next = await this.commands?.onSelect?.(choice.command);
    if (next?.type === "entity") {
      this.dispatchEvent(new SuggestEvent({ ...trigger, to: trigger.from }, next.entity));
    } else if (next?.type === "menu") {
      this.trigger = { ...trigger, to: trigger.from };
      this.show(next.commands.map((command) => ({ command })));
    }
  }
}

if (!customElements.get("ck-suggestions")) customElements.define("ck-suggestions", SuggestionsElement);

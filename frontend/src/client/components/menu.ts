import { html, nothing } from "lit";
import { property, query, state } from "lit/decorators.js";
import { LightElement } from "./light-element";
import { placeBeside } from "./place";

export interface MenuItem {
  id: string;
  label: string;
  description?: string | undefined;
  icon?: string | undefined;
  checked?: boolean;
  disabled?: boolean | undefined;
  danger?: boolean;
}

export class MenuPickEvent extends Event {
  constructor(readonly itemId: string) {
    super("ck-pick", { bubbles: true });
  }
}

/** A button with a menu. The menu sits in the top layer, so no scroller clips it. */
export class MenuElement extends LightElement {
  @property({ attribute: false }) items: MenuItem[] = [];
  @property() label = "";
  /** Text on the button; without it the button shows only its icon. */
  @property() text = "";
  @property() icon = "dots-horizontal";
  @state() private expanded = false;
  @query(".menu") private menu!: HTMLElement;
  @query(".menu-trigger") private trigger!: HTMLElement;

  private get entries(): HTMLElement[] {
    return [...this.menu.querySelectorAll<HTMLElement>(".menu-item")];
  }

  protected override render() {
    const choice = this.items.some((item) => item.checked !== undefined);
    return html`
      <button
        type="button"
        class="menu-trigger ${this.text ? "model-button" : "icon-button small"}"
        aria-haspopup="menu"
        aria-expanded=${this.expanded}
        aria-label=${this.label}
        @click=${this.toggle}
        @keydown=${this.onTriggerKey}
      >
        ${this.text
          ? html`<span>${this.text}</span><ck-icon name="chevron-down"></ck-icon>`
          : html`<ck-icon name=${this.icon}></ck-icon>`}
      </button>
      <div
        class="menu"
        popover="auto"
        role="menu"
        aria-label=${this.label}
        @toggle=${this.onToggle}
        @keydown=${this.onMenuKey}
      >
        ${this.items.map(
          (item) => html`
            <button
              type="button"
              class="menu-item ${item.danger ? "danger" : ""}"
              role=${choice ? "menuitemradio" : "menuitem"}
              aria-checked=${choice ? String(item.checked ?? false) : nothing}
              aria-disabled=${item.disabled ? "true" : nothing}
              tabindex="-1"
              data-id=${item.id}
              @click=${this.onPick}
            >
              ${item.icon ? html`<ck-icon name=${item.icon}></ck-icon>` : nothing}
              <span><bdi>${item.label}</bdi>${item.description ? html`<small><bdi>${item.description}</bdi></small>` : nothing}</span>
              ${item.checked ? html`<ck-icon name="check"></ck-icon>` : nothing}
            </button>
          `,
        )}
      </div>
    `;
  }

  private toggle() {
    // Asked of the menu itself: the event that tells `expanded` comes a little later.
    if (this.menu.matches(":popover-open")) this.menu.hidePopover();
    else this.open(0);
  }

  private open(index: number) {
    this.menu.showPopover();
    placeBeside(this.trigger, this.menu);
    this.entries.at(index)?.focus();
  }

  private onToggle(event: ToggleEvent) {
    this.expanded = event.newState === "open";
  }

  private onTriggerKey(event: KeyboardEvent) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    this.open(event.key === "ArrowDown" ? 0 : -1);
  }

  private onMenuKey(event: KeyboardEvent) {
    const entries = this.entries;
    const at = entries.indexOf((this.getRootNode() as ShadowRoot).activeElement as HTMLElement);
    const to = {
      ArrowDown: (at + 1) % entries.length,
      ArrowUp: (at - 1 + entries.length) % entries.length,
      Home: 0,
      End: entries.length - 1,
    }[event.key];
    if (event.key === "Tab") this.menu.hidePopover();
    if (event.key === "Escape") {
      // The menu alone closes, not what lies under it.
      event.stopPropagation();
      this.menu.hidePopover();
      this.trigger.focus();
    }
    if (to === undefined) return;
    event.preventDefault();
    entries[to]?.focus();
  }

  private onPick(event: Event) {
    const button = event.currentTarget as HTMLElement;
    if (button.getAttribute("aria-disabled")) return;
    this.menu.hidePopover();
    this.trigger.focus();
    this.dispatchEvent(new MenuPickEvent(button.dataset["id"] ?? ""));
  }
}

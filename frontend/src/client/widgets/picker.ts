import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { property, query, state } from "lit/decorators.js";
import { LightElement } from "../components/light-element";
import { placeBeside } from "../components/place";
import type { WidgetNode } from "../protocol/types";
import type { WidgetContext } from "./context";
import { ariaLabel, controlClasses, onChange } from "./field";
import { classes, text } from "./values";

/**
 * A field whose value is picked from a popover. The value lives in an input field that nobody sees, so that forms send and check it
 * as any other.
 */
export abstract class PickerElement extends LightElement {
  @property({ attribute: false }) node!: WidgetNode;
  @property({ attribute: false }) context!: WidgetContext;
  @state() protected value = "";
  @state() protected isOpen = false;
  @query(".w-popup") protected popup!: HTMLElement;
  @query(".w-trigger") protected trigger!: HTMLElement;
  @query(".w-carrier") private carrier!: HTMLInputElement;
  private given: string | null = null;

  /** The value that the widget came with. */
  protected abstract initial(): string;
  /** The chosen value in words; empty when nothing is chosen. */
  protected abstract words(): string;
  protected abstract content(): TemplateResult;
  protected abstract focusContent(): void | Promise<void>;
  protected abstract readonly icon: string;
  protected abstract readonly hint: string;

  protected get t() {
    return this.context.ui.strings.t;
  }

  protected override willUpdate(changed: PropertyValues) {
    super.willUpdate(changed);
    const initial = this.initial();
    if (initial === this.given) return;
    this.given = this.value = initial;
  }

  protected override render() {
    const { node, context } = this;
    const disabled = node["disabled"] === true;
    const clears = node["clearable"] === true && this.value !== "" && !disabled;
    const words = this.words();
    return html`<span class=${classes("w-picker", node["block"] === true && "block", clears && "clears")}>
      <input
        class="w-carrier"
        name=${text(node["name"])}
        .value=${this.value}
        tabindex="-1"
        aria-hidden="true"
        ?required=${node["required"] === true}
        ?disabled=${disabled}
        @focus=${this.onCarrierFocus}
        @change=${onChange(node, context)}
      />
      <button
        type="button"
        class=${classes(controlClasses("input w-control w-trigger", node), !words && "empty")}
        id=${context.fieldId(node["name"])}
        role="combobox"
        aria-haspopup="dialog"
        aria-expanded=${this.isOpen}
        aria-controls="${context.fieldId(node["name"])}-popup"
        aria-label=${ariaLabel(node, context) ?? nothing}
        aria-required=${node["required"] === true ? "true" : nothing}
        popovertarget="${context.fieldId(node["name"])}-popup"
        ?disabled=${disabled}
        @keydown=${this.onTriggerKey}
      >
        <span class="w-value" dir="auto">${words || text(node["placeholder"]) || this.hint}</span>
        <ck-icon name=${this.icon}></ck-icon>
      </button>
      ${clears
        ? html`<button type="button" class="w-clear icon-button small" aria-label=${this.t("widget.clear")} @click=${this.clear}>
            <ck-icon name="close"></ck-icon>
          </button>`
        : nothing}
      <div
        class="menu w-popup"
        id="${context.fieldId(node["name"])}-popup"
        popover="auto"
        role="dialog"
        aria-label=${text(node["placeholder"]) || this.hint}
        @beforetoggle=${this.onToggle}
        @keydown=${this.onPopupKey}
      >
        ${this.isOpen ? this.content() : nothing}
      </div>
    </span>`;
  }

  protected async pick(value: string) {
    this.popup.hidePopover();
    this.trigger.focus();
    if (value === this.value) return;
    this.value = value;
    await this.updateComplete;
    this.carrier.dispatchEvent(new Event("change", { bubbles: true }));
  }

  protected place() {
    const { side, align } = this.node as { side?: unknown; align?: unknown };
    placeBeside(
      this.trigger,
      this.popup,
      side === "top" || side === "left" || side === "right" ? side : "bottom",
      align === "center" || align === "end" ? align : "start",
    );
  }

  private readonly clear = () => void this.pick("");
  private readonly onToggle = (event: ToggleEvent) => {
    this.isOpen = event.newState === "open";
    if (!this.isOpen) return;
    this.popup.style.setProperty("--w-anchor", `${this.trigger.offsetWidth}px`);
    // Once it is there, and before anybody has seen it elsewhere.
    requestAnimationFrame(() => {
      this.place();
      void this.focusContent();
    });
  };
  private readonly onTriggerKey = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    this.popup.showPopover();
  };
  private readonly onPopupKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    // The popup alone closes, not what lies under it.
    event.stopPropagation();
    event.preventDefault();
    this.popup.hidePopover();
    this.trigger.focus();
  };
  /** A form that misses the value sends the reader here. */
  private readonly onCarrierFocus = () => this.trigger.focus();
}

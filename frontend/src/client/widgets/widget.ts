import { html } from "lit";
import { property, state } from "lit/decorators.js";
import { LightElement } from "../components/light-element";
import type { Ui } from "../components/ui";
import type { WidgetItem, WidgetNode } from "../protocol/types";
import { asAction, formValues } from "./action";
import * as content from "./content";
import type { WidgetContext, WidgetView } from "./context";
import * as controls from "./controls";
import * as layout from "./layout";
import { widgets } from "./styles";

/** The components this client draws. Adding one is adding a line. */
const VIEWS: Record<string, WidgetView> = {
  Card: layout.card,
  Basic: layout.basic,
  ListView: layout.listView,
  ListViewItem: layout.listViewItem,
  Box: layout.box,
  Row: layout.row,
  Col: layout.col,
  Form: layout.form,
  Spacer: layout.spacer,
  Divider: layout.divider,
  Transition: layout.transition,
  Table: layout.table,
  Title: content.title,
  Caption: content.caption,
  Text: content.plainText,
  Markdown: content.markdown,
  Badge: content.badge,
  Icon: content.icon,
  Image: content.image,
  Button: content.button,
  Input: controls.input,
  Textarea: controls.textarea,
  Select: controls.select,
  DatePicker: controls.datePicker,
  Checkbox: controls.checkbox,
  RadioGroup: controls.radioGroup,
  Label: controls.label,
};

/** Deeper nesting than any real widget; keeps a hostile tree from exhausting the stack. */
const MAX_DEPTH = 24;

/** A widget of the thread, with the state of its running action. */
export class WidgetElement extends LightElement {
  @property({ attribute: false }) ui!: Ui;
  @property({ attribute: false }) item!: WidgetItem;
  @state() private pending: WidgetNode | null = null;
  @state() private whole = false;

  override connectedCallback() {
    super.connectedCallback();
    const root = this.getRootNode();
    const sheet = widgets.styleSheet;
    if (root instanceof ShadowRoot && sheet && !root.adoptedStyleSheets.includes(sheet)) {
      root.adoptedStyleSheets.push(sheet);
    }
  }

  protected override render() {
    if (this.ui.readOnly) {
      return html`<fieldset class="widget w-still" disabled>${this.context(0).draw(this.item.widget)}</fieldset>`;
    }
    return html`<div class="widget" ?inert=${this.whole} aria-busy=${this.whole}>${this.context(0).draw(this.item.widget)}</div>`;
  }

  private context(depth: number): WidgetContext {
    return {
      ui: this.ui,
      pending: this.pending,
      run: (node, action, element) => void this.run(node, action, element),
      draw: (node) => this.draw(node, depth),
      all: (nodes) => nodes.map((node) => this.draw(node, depth)),
    };
  }

  private draw(node: WidgetNode, depth: number): unknown {
    const view = Object.hasOwn(VIEWS, node.type) ? VIEWS[node.type] : undefined;
    if (view && depth < MAX_DEPTH) return view(node, this.context(depth + 1));
    return html`<div class="w-unknown">${this.ui.strings.t("widget.unknown", { type: node.type })}</div>`;
  }

  private async run(node: WidgetNode, value: unknown, element: HTMLElement) {
    const action = asAction(value);
    if (!action || this.pending || this.ui.readOnly) return;
    const form = element instanceof HTMLFormElement ? element : element.closest("form");
    const values = form ? formValues(form) : ownValue(element);
    const shown = action.loadingBehavior ?? "auto";
    const own = shown === "self" || (shown === "auto" && (node.type === "Button" || node.type === "ListViewItem"));
    if (own) this.pending = node;
    else this.whole = shown === "container" || (shown === "auto" && ["Card", "Form"].includes(node.type));
    try {
      await this.ui.widgetAction(this.item, { action, values });
    } finally {
      this.pending = null;
      this.whole = false;
    }
  }
}

/** A control outside of any form still says what was chosen. */
function ownValue(element: HTMLElement): Record<string, unknown> {
  const { name, value, type, checked } = element as HTMLInputElement;
  return name ? { [name]: type === "checkbox" ? checked : value } : {};
}

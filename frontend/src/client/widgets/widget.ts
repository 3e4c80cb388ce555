import { html, nothing } from "lit";
import { property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { LightElement } from "../components/light-element";
import type { Ui } from "../components/ui";
import type { WidgetItem, WidgetNode } from "../protocol/types";
import { asAction, formValues, ownValue } from "./action";
import { chart } from "./chart";
import * as containers from "./containers";
import * as content from "./content";
import type { ActionStart, WidgetContext, WidgetView } from "./context";
import { datePicker } from "./date";
import * as fields from "./fields";
import * as layout from "./layout";
import { select } from "./select";
import { sheets } from "./styles";
import { table } from "./table";
import * as words from "./text";
import { children, text } from "./values";

/** The components this client draws. Adding one is adding a line. */
export const VIEWS: Record<string, WidgetView> = {
  Card: containers.card,
  Basic: containers.basic,
  ListView: containers.listView,
  ListViewItem: containers.listViewItem,
  Box: layout.box,
  Row: layout.row,
  Col: layout.col,
  Form: layout.form,
  Spacer: layout.spacer,
  Divider: layout.divider,
  Transition: layout.transition,
  Table: table,
  Title: words.title,
  Caption: words.caption,
  Text: words.plainText,
  Markdown: words.markdown,
  Label: words.label,
  Badge: content.badge,
  Icon: content.icon,
  Image: content.image,
  Button: content.button,
  Input: fields.input,
  Textarea: fields.textarea,
  Checkbox: fields.checkbox,
  RadioGroup: fields.radioGroup,
  Select: select,
  DatePicker: datePicker,
  Chart: chart,
};

/** Deeper nesting than any real widget; keeps a hostile tree from exhausting the stack. */
const MAX_DEPTH = 24;
/** More components than any real widget; keeps a hostile tree from exhausting the page. */
const MAX_COMPONENTS = 3000;

/** A widget of the thread, with the state of its running action. */
export class WidgetElement extends LightElement {
  static override sheets = sheets;

  @property({ attribute: false }) ui!: Ui;
  @property({ attribute: false }) item!: WidgetItem;
  /** What has started the action under way. */
  @state() private busy: object | null = null;
  @state() private inertly = false;
  private running = false;
  private drawn = 0;
  private labels = new Set<string>();
  private readonly marks = new Set<string>();

  protected override render() {
    const { widget } = this.item;
    this.drawn = 0;
    this.labels = labelsOf(widget);
    const drawn = this.draw(widget, "0", 0);
    if (this.ui.readOnly) return html`<fieldset class="widget w-still" disabled>${drawn}</fieldset>`;
    return html`<div class="widget" ?inert=${this.inertly} aria-busy=${this.inertly}>${drawn}</div>`;
  }

  protected override firstUpdated() {
    const field = this.querySelector<HTMLElement>("[autofocus]");
    // Nobody's sentence is broken off for it.
    if (field && !isWriting(this.getRootNode())) field.focus({ preventScroll: true });
  }

  private draw(node: WidgetNode, path: string, depth: number): unknown {
    if (++this.drawn > MAX_COMPONENTS) return nothing;
    const view = Object.hasOwn(VIEWS, node.type) ? VIEWS[node.type] : undefined;
    if (view && depth < MAX_DEPTH) return view(node, this.context(path, depth + 1));
    return html`<div class="w-unknown">${this.ui.strings.t("widget.unknown", { type: node.type })}</div>`;
  }

  private context(path: string, depth: number): WidgetContext {
    const mark = (name: string) => `${path} ${name}`;
    return {
      ui: this.ui,
      isBusy: (part) => part === this.busy,
      run: (start) => this.run(start),
      has: (name) => this.marks.has(mark(name)),
      set: (name, on = true) => {
        this.marks[on ? "add" : "delete"](mark(name));
        this.requestUpdate();
        return this.updateComplete;
      },
      fieldId: (name) => `${this.item.id}-${text(name).replace(/[^\w-]/g, "_")}`,
      isLabelled: (name) => this.labels.has(text(name)),
      all: (nodes) => {
        const keys = keysOf(nodes);
        return repeat(
          nodes,
          (_node, index) => keys[index],
          (node, index) => this.draw(node, `${path}.${keys[index]}`, depth),
        );
      },
    };
  }

  private async run({ action: value, part, element, auto }: ActionStart): Promise<boolean> {
    const action = asAction(value);
    if (!action || this.running || this.ui.readOnly) return false;
    const form = element instanceof HTMLFormElement ? element : element.closest("form");
    const values = form ? formValues(form) : ownValue(element);
    const wanted = action.loadingBehavior ?? "auto";
    const loading = wanted === "auto" ? auto : wanted;
    this.running = true;
    this.busy = loading === "self" ? part : null;
    this.inertly = loading === "container";
    try {
      return await this.ui.widgetAction(this.item, { action, values });
    } finally {
      this.running = this.inertly = false;
      this.busy = null;
    }
  }
}

/** A key for each of some components: its own, its id, or its place. Lit wants each to be there once. */
function keysOf(nodes: WidgetNode[]): string[] {
  const seen = new Set<string>();
  return nodes.map(({ key, id }, index) => {
    const own = text(key) || text(id);
    const unique = own && !seen.has(own) ? own : `#${index}`;
    seen.add(unique);
    return unique;
  });
}

function labelsOf(node: WidgetNode, depth = 0, found = new Set<string>()): Set<string> {
  if (node.type === "Label") found.add(text(node["fieldName"]));
  if (depth < MAX_DEPTH) for (const child of children(node)) labelsOf(child, depth + 1, found);
  return found;
}

function isWriting(root: Node): boolean {
  const active = root instanceof ShadowRoot ? root.activeElement : document.activeElement;
  return (active instanceof HTMLTextAreaElement || active instanceof HTMLInputElement) && active.value !== "";
}

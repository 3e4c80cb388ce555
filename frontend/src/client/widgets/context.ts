import type { TemplateResult } from "lit";
import type { Ui } from "../components/ui";
import type { WidgetNode } from "../protocol/types";

/** What the components of one widget share. */
export interface WidgetContext {
  ui: Ui;
  /** The component whose action is under way. */
  pending: WidgetNode | null;
  /** Runs the action of a component. `element` says which form's values go with it. */
  run(node: WidgetNode, action: unknown, element: HTMLElement): void;
  /** Draws a component. */
  draw(node: WidgetNode): unknown;
  all(nodes: WidgetNode[]): unknown;
}

export type WidgetView = (node: WidgetNode, context: WidgetContext) => TemplateResult | symbol;

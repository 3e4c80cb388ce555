import type { TemplateResult } from "lit";
import type { Ui } from "../components/ui";
import type { WidgetNode } from "../protocol/types";
import type { Loading } from "./action";

export interface ActionStart {
  action: unknown;
  /** What has started it: the component, or the button of a card. */
  part: object;
  /** Where: the values of the form around it go with the action. */
  element: HTMLElement;
  /** What `loadingBehavior: "auto"` means here. */
  auto: Loading;
}

/** What a component needs of its widget. */
export interface WidgetContext {
  ui: Ui;
  /** Whether the action of this component, or of this button of a card, is under way. */
  isBusy(part: object): boolean;
  /** Runs an action, and tells whether it came to its end. */
  run(start: ActionStart): Promise<boolean>;
  /** Marks that outlive a redrawing of this component: opened, done. */
  has(mark: string): boolean;
  set(mark: string, on?: boolean): Promise<unknown>;
  /** The id of the field of a name; Labels refer to it. */
  fieldId(name: unknown): string;
  /** Whether the widget has a Label for the field of a name. */
  isLabelled(name: unknown): boolean;
  /** Draws components. */
  all(nodes: WidgetNode[]): unknown;
}

export type WidgetView = (node: WidgetNode, context: WidgetContext) => TemplateResult | symbol;

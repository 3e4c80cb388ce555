import type { Entity, ThreadItemActionsOption } from "@openai/chatkit";
import type { Translator } from "../i18n";
import type { ContentPolicy } from "../markdown/policy";
import type { StructuredAnswer, WidgetItem } from "../protocol/types";
import type { ActionRequest } from "../widgets/action";

/** What the parts of a conversation need of the whole. One object, replaced only when options or thread change. */
export interface Ui {
  strings: Translator;
  policy: ContentPolicy;
  actions: ThreadItemActionsOption;
  hideCopy: boolean;
  readOnly: boolean;
  retry(itemId: string): void;
  /** Resolves to whether the server took it. */
  feedback(itemIds: string[], kind: "positive" | "negative"): Promise<boolean>;
  answerQuestions(itemId: string, input: StructuredAnswer): void;
  /** Resolves to whether the action came to its end. */
  widgetAction(item: WidgetItem, request: ActionRequest): Promise<boolean>;
  openLink(href: string): void;
  /** Null where the page has no use for entities. */
  entities: EntityActions | null;
}

/** What can be done with an entity that is shown somewhere. */
export interface EntityActions {
  /** It is pointed at, or has the focus: its preview is wanted. */
  point(entity: Entity, anchor: HTMLElement, when: "soon" | "at once"): void;
  leave(): void;
  press(entity: Entity, anchor: HTMLElement, event: Event): void;
}

import type { ThreadItemActionsOption } from "@openai/chatkit";
import type { Translator } from "../i18n";
import type { ContentPolicy } from "../markdown/policy";
import type { Source, StructuredAnswer, WidgetItem } from "../protocol/types";
import type { Tag } from "../state/draft";
import type { ActionRequest } from "../widgets/action";

/** What the parts of a conversation need of the whole. One object, replaced only when options or thread change. */
export interface Ui {
  strings: Translator;
  policy: ContentPolicy;
  actions: ThreadItemActionsOption;
  hideCopy: boolean;
  retry(itemId: string): void;
  feedback(itemIds: string[], kind: "positive" | "negative"): void;
  answerQuestions(itemId: string, input: StructuredAnswer): void;
  widgetAction(item: WidgetItem, request: ActionRequest): Promise<void>;
  openLink(href: string): void;
  openTag: ((tag: Tag) => void) | null;
  openEntity: ((source: Source) => void) | null;
}

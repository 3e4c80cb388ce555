/** Defines `<openai-chatkit>`. A page that has OpenAI's element already keeps that one. */
import { ComposerElement } from "./components/composer";
import { HistoryElement } from "./components/history";
import { MarkdownElement } from "./components/markdown";
import { MenuElement } from "./components/menu";
import { MessagesElement } from "./components/messages";
import { QuestionsElement } from "./components/questions";
import { TurnElement } from "./components/turn";
import { WorkflowElement } from "./components/workflow";
import { ChatKitElement } from "./element";
import { IconElement } from "./icons/icon";

const elements: Record<string, CustomElementConstructor> = {
  "ck-icon": IconElement,
  "ck-menu": MenuElement,
  "ck-composer": ComposerElement,
  "ck-messages": MessagesElement,
  "ck-turn": TurnElement,
  "ck-markdown": MarkdownElement,
  "ck-workflow": WorkflowElement,
  "ck-questions": QuestionsElement,
  "ck-history": HistoryElement,
  "openai-chatkit": ChatKitElement,
};

for (const [name, element] of Object.entries(elements)) {
  if (!customElements.get(name)) customElements.define(name, element);
}

export { ChatKitElement };
export type { OpenOptions } from "./options/extensions";

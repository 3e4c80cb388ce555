/** The conversation: a chunk of its own, loaded once the start screen stands or with the thread that is opened first. */
import { MarkdownElement } from "./markdown";
import { MessagesElement } from "./messages";
import { QuestionsElement } from "./questions";
import { TurnElement } from "./turn";
import { WorkflowElement } from "./workflow";

const elements: Record<string, CustomElementConstructor> = {
  "ck-messages": MessagesElement,
  "ck-turn": TurnElement,
  "ck-markdown": MarkdownElement,
  "ck-workflow": WorkflowElement,
  "ck-questions": QuestionsElement,
};

for (const [name, element] of Object.entries(elements)) {
  if (!customElements.get(name)) customElements.define(name, element);
}

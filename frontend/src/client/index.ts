/** Defines `<openai-chatkit>` and the parts of its first paint. A page that has OpenAI's element already keeps that one. */
import { ComposerElement } from "./components/composer";
import { MenuElement } from "./components/menu";
import { ChatKitElement } from "./element";
import { IconElement } from "./icons/icon";

const elements: Record<string, CustomElementConstructor> = {
  "ck-icon": IconElement,
  "ck-menu": MenuElement,
  "ck-composer": ComposerElement,
  "openai-chatkit": ChatKitElement,
};

for (const [name, element] of Object.entries(elements)) {
  if (!customElements.get(name)) customElements.define(name, element);
}

export { ChatKitElement };
export type { OpenEvents, OpenOptions, SentMessage } from "../../package";

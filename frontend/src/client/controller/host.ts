import type { ChatKitEvents } from "@openai/chatkit";
import type { Translator } from "../i18n";
import type { Options } from "../options/validate";

type Detail<K extends keyof ChatKitEvents> = ChatKitEvents[K]["detail"];

/** What the controllers need of the element that they work for. */
export interface Host {
  readonly options: Options | null;
  readonly strings: Translator;
  /** Something that is shown has changed. */
  changed(): void;
  emit<K extends keyof ChatKitEvents>(name: K, ...detail: Detail<K> extends void ? [] : [Detail<K>]): void;
  /** Tells people who listen rather than look. */
  announce(text: string): void;
}

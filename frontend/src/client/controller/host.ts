import type { ChatKitEvents } from "@openai/chatkit";
import type { Translator } from "../i18n";
import type { OpenEvents } from "../../../package";
import type { Options } from "../options/validate";

type Events = ChatKitEvents & OpenEvents;

/** The arguments after an event's name: its detail, or nothing for the events that carry none. */
type Detail<K extends keyof Events> =
  Events[K] extends CustomEvent<infer D> ? (D extends object ? [detail: D] : []) : never;

/** What the controllers need of the element that they work for. */
export interface Host {
  readonly options: Options | null;
  readonly strings: Translator;
  /** Something that is shown has changed. */
  changed(): void;
  emit<K extends keyof Events>(name: K, ...detail: Detail<K>): void;
  /** Tells people who listen rather than look. */
  announce(text: string): void;
}

import type { Attachment, OpenAIChatKit, UserMessageContent } from "@openai/chatkit";

/**
 * What this client offers beyond ChatKit's own options. All of it sits in one property, `element.openOptions`, so that
 * `setOptions` stays exactly ChatKit's contract.
 */
export interface OpenOptions {
  /** Where runs can be attached to and cancelled. Default: `runs/` below `api.url`. */
  runsUrl?: string;
  /** `system` follows the reader's setting; without it the theme option decides. */
  colorScheme?: "light" | "dark" | "system";
  /** Hides the copy button under answers. */
  hideCopy?: boolean;
  /** Nothing can be written, and nothing in the conversation does anything: for conversations that are looked at. */
  readOnly?: boolean;
}

/** A message that was written here, and that the server has taken. */
export interface SentMessage {
  threadId: string;
  itemId: string;
  content: UserMessageContent[];
  attachments: Attachment[];
  /** The words that were quoted with it. */
  reply?: string;
}

/** Events beyond ChatKit's own. Like the options, they share one name: "open". */
export type OpenEvents = {
  "open.message": CustomEvent<SentMessage>;
};

/** `<openai-chatkit>`: importing the package defines it, unless the page has one already. */
export interface ChatKitElement extends OpenAIChatKit {
  openOptions: OpenOptions;
  addEventListener: OpenAIChatKit["addEventListener"] &
    (<K extends keyof OpenEvents>(type: K, listener: (event: OpenEvents[K]) => void, options?: boolean | AddEventListenerOptions) => void);
}

export declare const ChatKitElement: { prototype: ChatKitElement; new (): ChatKitElement };

import type { OpenAIChatKit } from "@openai/chatkit";

/** What this client offers beyond ChatKit's own options, as `element.openOptions`. */
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

/** `<openai-chatkit>`: importing the package defines it, unless the page has one already. */
export interface ChatKitElement extends OpenAIChatKit {
  openOptions: OpenOptions;
}

export declare const ChatKitElement: { prototype: ChatKitElement; new (): ChatKitElement };

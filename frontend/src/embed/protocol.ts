/** What the site's page and the frame of the chat say to each other. Either side takes words from the other's origin only. */
import type { PageContext } from "../loader/page-context";

/** From the frame. `hello` says nothing and goes to whoever is around; everything else to the origin that answered it. */
export type FromFrame =
  | { type: "hello" }
  | { type: "ask"; id: number; what: "identity" | "context" | "tool"; name?: string; params?: Record<string, unknown> }
  | { type: "ready" }
  | { type: "close" }
  | { type: "thread"; threadId: string | null }
  | { type: "answered"; unread: number }
  | { type: "forgotten" }
  | { type: "identity_required" }
  | { type: "problem"; code: string; hint: string };

/** From the site's page. */
export type FromHost =
  | { type: "init"; threadId: string | null; isOpen: boolean; isIdentified: boolean }
  | { type: "told"; id: number; value?: unknown; error?: string }
  | { type: "shown"; isOpen: boolean }
  | { type: "focus" }
  | { type: "thread"; threadId: string }
  | { type: "identify" }
  | { type: "logout" };

export type { PageContext };

/** Tells our messages from those of other scripts on the page. */
const MARK = "chatplatform";

export const marked = (message: FromFrame | FromHost) => ({ [MARK]: 1, ...message });

/** The message in an event; null for whatever others say. */
export function messageOf<T extends FromFrame | FromHost>(data: unknown): T | null {
  const isOurs = typeof data === "object" && data !== null && (data as Record<string, unknown>)[MARK] === 1;
  return isOurs && typeof (data as { type?: unknown }).type === "string" ? (data as T) : null;
}

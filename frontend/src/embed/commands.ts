/** `chatplatform("open")` and its kind: what a site's own scripts can ask for and listen to. */
import type { ClientTool } from "../../package/loader";
import { report } from "../report";

export type EventName = "ready" | "open" | "close" | "answer" | "unread" | "thread" | "identity_required" | "error";
export type Listener = (detail: unknown) => void;
/** A token, or what gets one: tokens work once, so that only a function serves a whole visit. */
export type Identity = string | (() => string | Promise<string>);

export interface Chat {
  open: (threadId?: string) => void;
  close: () => void;
  toggle: () => void;
  identify: (identity: Identity) => void;
  logout: () => void;
  registerTool: (name: string, tool: ClientTool) => void;
}

/** The function that the site calls; calls from before the script was there come first. */
export type Command = ((...command: unknown[]) => void) & { q?: ArrayLike<unknown>[] };

export class Events {
  private readonly listeners = new Map<string, Set<Listener>>();

  on(name: string, listener: Listener): void {
    this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(listener));
  }

  off(name: string, listener?: Listener): void {
    if (listener) this.listeners.get(name)?.delete(listener);
    else this.listeners.delete(name);
  }

  emit(name: EventName, detail: unknown = {}): void {
    for (const listener of this.listeners.get(name) ?? []) {
      try {
        listener(detail);
      } catch (error) {
        report("error", "listener_failed", error);
      }
    }
  }
}

/** Does what a call of `chatplatform(...)` says. Unknown words are named on the console: nothing of the site breaks. */
export function perform(chat: Chat, events: Events, [name, first, second]: unknown[]): void {
  const text = typeof first === "string" ? first : "";
  switch (name) {
    case "open":
      return chat.open((first as { thread?: string } | undefined)?.thread);
    case "close":
      return chat.close();
    case "toggle":
      return chat.toggle();
    case "identify":
      if (text || typeof first === "function") return chat.identify(first as Identity);
      break;
    case "logout":
      return chat.logout();
    case "on":
      if (text && typeof second === "function") return events.on(text, second as Listener);
      break;
    case "off":
      if (text) return events.off(text, second as Listener | undefined);
      break;
    case "tool":
      if (text && typeof second === "function") return chat.registerTool(text, second as ClientTool);
  }
  report("warn", "call_not_understood", name, first);
}

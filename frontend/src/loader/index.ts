/** Starts the chat of a page of the platform: its session, and what the page and its chat have to tell each other. */
import type { OpenAIChatKit } from "@openai/chatkit";
import { showThread } from "./address";
import { type ClientTool, ClientTools } from "./client-tools";
import { readConfig } from "./config";
import { watchPage } from "./page-context";
import { ChatSession } from "./session";
import { startChat } from "./start";
import { storageOf } from "./storage";

/** What the page's own scripts can use. */
export interface ChatPlatform {
  registerClientTool: (name: string, tool: ClientTool) => void;
  /** Resolves when the chat is ready, to its element. */
  ready: Promise<OpenAIChatKit>;
}

declare global {
  interface Window {
    chatplatform?: ChatPlatform;
  }
}

const config = readConfig();
const placed = config && document.getElementById(config.elementId);
if (config && placed) {
  const tools = new ClientTools();
  const session = new ChatSession(
    config.session,
    { fetch: window.fetch.bind(window), locks: navigator.locks, storage: storageOf("localStorage"), now: Date.now },
    goTo,
  );
  const ready = startChat(config, placed, {
    session,
    context: watchPage,
    callTool: tools.call,
    threadChanged: showThread,
    goTo,
  });
  ready.catch(() => undefined); // shown on the page
  window.chatplatform = { registerClientTool: tools.register, ready };
}

/** A declaration, so that it is there when the chat is started above. */
function goTo(url: string): void {
  location.assign(url);
}

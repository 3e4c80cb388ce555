/** Starts the chat of a page of the platform: its session, and what the page and its chat have to tell each other. */
import type { OpenAIChatKit } from "@openai/chatkit";
import { showThread } from "./address";
import { offerToAsk } from "./ask";
import { type ClientTool, type ClientToolOptions, ClientTools } from "./client-tools";
import { readConfig } from "./config";
import { watchPage } from "./page-context";
import { askPermission } from "./permission";
import { ChatSession } from "./session";
import { startChat } from "./start";
import { storageOf } from "./storage";
import { textsFor } from "./texts";

/** What the page's own scripts can use. */
export interface ChatPlatform {
  registerClientTool: (name: string, tool: ClientTool, options?: ClientToolOptions) => void;
  /** Calls the function for each effect of that name that the assistant wants on this page. */
  onEffect: (name: string, run: (data: Record<string, unknown>) => void) => void;
  /** Calls the function at once. Scripts that run before this one push to a list of that name. */
  push: (use: (platform: ChatPlatform) => void) => void;
  /** Resolves when the chat is ready, to its element. */
  ready: Promise<OpenAIChatKit>;
}

declare global {
  interface Window {
    chatplatform?: ChatPlatform | ((platform: ChatPlatform) => void)[];
  }
}

const config = readConfig();
const placed = config && document.getElementById(config.elementId);
if (config && placed) {
  const texts = textsFor(config.options.locale ?? navigator.language);
  const tools = new ClientTools({ ask: (what, signal) => askPermission(what, texts, signal) });
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
  ready.then((element) => offerToAsk(element, texts)).catch(() => undefined); // shown on the page
  const early = Array.isArray(window.chatplatform) ? window.chatplatform : [];
  const platform: ChatPlatform = {
    registerClientTool: tools.register,
    onEffect: (name, run) =>
      void ready
        .then((element) => element.addEventListener("chatkit.effect", ({ detail }) => detail.name === name && run(detail.data ?? {})))
        .catch(() => undefined),
    push: (use) => use(platform),
    ready,
  };
  window.chatplatform = platform;
  early.forEach(platform.push);
}

/** A declaration, so that it is there when the chat is started above. */
function goTo(url: string): void {
  location.assign(url);
}

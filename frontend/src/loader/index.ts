/** Starts the chat of a page of the platform: its session, and what the page and its chat have to tell each other. */
import type { ChatPlatform } from "../../package/loader";
import { readerLocale } from "../locale";
import { showThread } from "./address";
import { offerToAsk } from "./ask";
import { ClientTools } from "./client-tools";
import { readConfig } from "./config";
import { watchPage } from "./page-context";
import { askPermission } from "./permission";
import { ChatSession } from "./session";
import { startChat } from "./start";
import { storageOf } from "./storage";
import { textsFor } from "./texts";

export type { ChatPlatform };

/** A page's module may load this one under another address than the page itself: the chat starts once all the same. */
const known = window.chatplatform;
export const chatplatform: ChatPlatform | undefined = known && !Array.isArray(known) ? known : start(known ?? []);

function start(early: ((platform: ChatPlatform) => void)[]): ChatPlatform | undefined {
  const config = readConfig();
  const placed = config && document.getElementById(config.elementId);
  if (!config || !placed) return undefined;
  const texts = textsFor(readerLocale(config.options.locale));
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
  return platform;
}

/** A declaration, so that it is there when the chat is started above. */
function goTo(url: string): void {
  location.assign(url);
}

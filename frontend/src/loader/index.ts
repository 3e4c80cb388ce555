/** Starts the chat of a page: session, client, and what a page and its chat have to tell each other. */
import type { ChatKitOptions, OpenAIChatKit } from "@openai/chatkit";
import { showThread } from "./address";
import { createChatFetch } from "./chat-fetch";
import { type Client, bringUp } from "./clients";
import { type ClientTool, ClientTools } from "./client-tools";
import { type PageConfig, readConfig } from "./config";
import { menusOf } from "./mentions";
import { OfficialRuns } from "./official-runs";
import { watchPage } from "./page-context";
import { Placeholder } from "./placeholder";
import { ChatSession } from "./session";
import { textsFor } from "./texts";
import { onSchemeChange, withScheme } from "./theme";

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

/** A client that starts at once shows no skeleton, which would only flicker. */
const SKELETON_AFTER_MS = 120;
const EXPLAIN_AFTER_MS = 1500;

const config = readConfig();
const placed = config && document.getElementById(config.elementId);
if (config && placed) {
  const tools = new ClientTools();
  const ready = start(config, placed, tools);
  ready.catch(() => undefined); // shown on the page
  window.chatplatform = { registerClientTool: tools.register, ready };
}

async function start(config: PageConfig, placed: HTMLElement, tools: ClientTools): Promise<OpenAIChatKit> {
  const locale = config.options.locale ?? navigator.language;
  const texts = textsFor(locale);
  const placeholder = new Placeholder(placed, texts);
  const skeleton = setTimeout(() => placeholder.showSkeleton(), SKELETON_AFTER_MS);
  let explain: ReturnType<typeof setTimeout> | undefined;

  let element: OpenAIChatKit | null = null;
  let client: Client = "open";
  let thread = config.options.initialThread ?? null;

  const nativeFetch = window.fetch.bind(window);
  const session = new ChatSession(
    config.session,
    { fetch: nativeFetch, locks: navigator.locks, storage: storageOf(window), now: Date.now },
    goTo,
  );
  void session.start();

  const plain = { fetch: nativeFetch, session, context: watchPage(() => element), locale: () => locale };
  const runs = new OfficialRuns({ config, fetch: createChatFetch(plain), element: () => element });
  const chatFetch = createChatFetch({
    ...plain,
    // Our client shows a link, and keeps what was written.
    onLoginRequired: (signInUrl) => client === "openai" && goTo(signInUrl),
    observe: (type, response, signal) => (client === "openai" ? runs.observe(type, response, signal) : response),
  });
  const menus = menusOf({ config, fetch: createChatFetch(plain), element: () => element, goTo });
  const options = (): ChatKitOptions => ({
    ...config.options,
    ...menus,
    theme: withScheme(config.options.theme),
    // Options replace each other as a whole, and must not lead back to the thread of the start.
    initialThread: thread,
    api: config.hosted ? { getClientSecret: (current) => session.clientSecret(current) } : { ...config.options.api, fetch: chatFetch },
    onClientTool: tools.call,
  });

  try {
    const started = await bringUp(config, placed, {
      configure: (chat, kind) => {
        element = chat;
        client = kind;
        chat.addEventListener("chatkit.thread.change", ({ detail }) => {
          thread = detail.threadId;
          runs.threadChanged();
          showThread(thread);
        });
        if (kind === "open") Object.assign(chat, { openOptions: config.open });
        chat.setOptions(options());
      },
      waiting: () => {
        explain = setTimeout(() => {
          if (config.client === "auto") {
            placeholder.say(texts.waiting(Math.round(config.readyTimeoutMs / 1000)));
            preload(config.openUrl);
          }
        }, EXPLAIN_AFTER_MS);
      },
    });
    onSchemeChange(() => {
      started.element.setOptions(options());
      lendBackground(started.element);
    });
    lendBackground(started.element);
    return started.element;
  } catch (error) {
    console.error("The chat could not be loaded.", error);
    placeholder.showFailure(element ?? placed, () => location.reload());
    throw error;
  } finally {
    clearTimeout(skeleton);
    clearTimeout(explain);
    placeholder.clear();
  }
}

/** Lets the page around our client take its background, `--chat-bg`, which the tenant's theme decides. */
function lendBackground(element: Element): void {
  const background = getComputedStyle(element).getPropertyValue("--ck-bg").trim();
  if (background) document.documentElement.style.setProperty("--chat-bg", background);
}

/** A declaration, so that it is there when the chat is started above. */
function goTo(url: string): void {
  location.assign(url);
}

/** Fetches our client while the other one is late, without running it. */
function preload(url: string): void {
  const link = document.createElement("link");
  link.rel = "modulepreload";
  link.href = url;
  document.head.append(link);
}

function storageOf(window: Window): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined; // forbidden by the reader
  }
}

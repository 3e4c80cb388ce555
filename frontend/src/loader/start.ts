/** From a page's configuration to a chat: client, session, and the options that join them. */
import type { ChatKitOptions, OpenAIChatKit } from "@openai/chatkit";
import { readerLocale } from "../locale";
import { report } from "../report";
import { createChatFetch } from "./chat-fetch";
import { type Client, bringUp } from "./clients";
import type { PageConfig } from "./config";
import { menusOf } from "./mentions";
import { OfficialRuns } from "./official-runs";
import type { PageContext } from "./page-context";
import { Placeholder } from "./placeholder";
import type { ChatSession } from "./session";
import { textsFor } from "./texts";
import { onSchemeChange, withScheme } from "./theme";

/** What a chat needs of the page around it. */
export interface Around {
  session: Pick<ChatSession, "fetch" | "start" | "renew" | "signInUrl" | "refusal" | "clientSecret">;
  /** Given the chat's element, what describes the page at a moment. */
  context: (chat: () => Element | null) => () => PageContext | Promise<PageContext>;
  callTool: NonNullable<ChatKitOptions["onClientTool"]>;
  threadChanged: (threadId: string | null) => void;
  goTo: (url: string) => void;
}

/** A client that starts at once shows no skeleton, which would only flicker. */
const SKELETON_AFTER_MS = 120;
const EXPLAIN_AFTER_MS = 1500;

/** Brings up the chat in the place of `placed`; resolves to its element. What goes wrong is shown there. */
export async function startChat(config: PageConfig, placed: HTMLElement, around: Around): Promise<OpenAIChatKit> {
  const { session, goTo } = around;
  const locale = readerLocale(config.options.locale);
  const texts = textsFor(locale);
  const placeholder = new Placeholder(placed, texts);
  const skeleton = setTimeout(() => placeholder.showSkeleton(), SKELETON_AFTER_MS);
  let explain: ReturnType<typeof setTimeout> | undefined;

  let element: OpenAIChatKit | null = null;
  let client: Client = "open";
  let thread = config.options.initialThread ?? null;

  void session.start();

  const plain = { fetch: session.fetch, session, context: around.context(() => element), locale: () => locale };
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
    onClientTool: around.callTool,
  });

  try {
    const started = await bringUp(config, placed, {
      configure: (chat, kind) => {
        element = chat;
        client = kind;
        chat.addEventListener("chatkit.thread.change", ({ detail }) => {
          thread = detail.threadId;
          runs.threadChanged();
          around.threadChanged(thread);
        });
        if (kind === "open") Object.assign(chat, { openOptions: config.open });
        chat.setOptions(options());
      },
      waiting: () => {
        explain = setTimeout(() => {
          if (config.client === "auto") {
            placeholder.say(texts.waiting.replace("{seconds}", String(Math.round(config.readyTimeoutMs / 1000))));
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
    report("error", "chat_not_loaded", error);
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

/** Fetches our client while the other one is late, without running it. */
function preload(url: string): void {
  const link = document.createElement("link");
  link.rel = "modulepreload";
  link.href = url;
  document.head.append(link);
}

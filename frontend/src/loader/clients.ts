import type { OpenAIChatKit } from "@openai/chatkit";
import { report } from "../report";
import type { PageConfig } from "./config";

export const TAG = "openai-chatkit";
/** The name of our element on a page where OpenAI's has taken the first: a name is given once. */
export const OTHER_TAG = "chatplatform-chatkit";

export type Client = "openai" | "open";

export interface Started {
  element: OpenAIChatKit;
  client: Client;
}

export interface Steps {
  /** Hands the options to an element that is defined by now. */
  configure: (element: OpenAIChatKit, client: Client) => void;
  /** OpenAI's client is being loaded. */
  waiting?: () => void;
  importModule?: (url: string) => Promise<unknown>;
}

const FAILED = "chatplatform.official-failed";
/** After a failure, pages of this tab do not wait for OpenAI's client again for so long. */
const REMEMBERED_MS = 10 * 60 * 1000;

/** Brings up the client that the page asks for, and ours where it may stand in. Rejects when there is none. */
export async function bringUp(config: PageConfig, element: HTMLElement, steps: Steps): Promise<Started> {
  const { client, officialUrl } = config;
  if (client === "open" || !officialUrl || (client === "auto" && isHopeless())) return startOpen(config, element, steps);
  try {
    return await startOfficial(officialUrl, config.readyTimeoutMs, element, steps);
  } catch (error) {
    if (client === "openai") throw error;
    rememberFailure();
    report("info", "openai_client_failed", error);
    return startOpen(config, element, steps);
  }
}

async function startOfficial(url: string, limit: number, element: HTMLElement, steps: Steps): Promise<Started> {
  steps.waiting?.();
  const chat = element as OpenAIChatKit;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not ready after ${limit} ms`)), limit);
  });
  const ready = new Promise<void>((resolve, reject) => {
    chat.addEventListener("chatkit.ready", () => resolve(), { once: true });
    chat.addEventListener("chatkit.error", (event) => reject(event.detail?.error), { once: true });
  });
  ready.catch(() => undefined); // an error after the start is the client's to show
  try {
    await Promise.race([loadScript(url), late]);
    await Promise.race([customElements.whenDefined(TAG), late]);
    steps.configure(chat, "openai");
    await Promise.race([ready, late]);
    return { element: chat, client: "openai" };
  } finally {
    clearTimeout(timer);
  }
}

function loadScript(url: string): Promise<void> {
  if (customElements.get(TAG)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.async = true;
    script.addEventListener("load", () => resolve(), { once: true });
    script.addEventListener("error", () => reject(new Error("the script could not be loaded")), { once: true });
    document.head.append(script);
  });
}

async function startOpen(config: PageConfig, element: HTMLElement, steps: Steps): Promise<Started> {
  const importModule = steps.importModule ?? ((url: string) => import(/* @vite-ignore */ url) as Promise<unknown>);
  const { ChatKitElement } = (await importModule(config.openUrl)) as { ChatKitElement: CustomElementConstructor };
  let chat = element;
  if (customElements.get(TAG) !== ChatKitElement) {
    if (!customElements.get(OTHER_TAG)) customElements.define(OTHER_TAG, class extends ChatKitElement {});
    chat = document.createElement(OTHER_TAG);
    for (const { name, value } of element.attributes) chat.setAttribute(name, value);
    element.replaceWith(chat);
  }
  const ready = new Promise((resolve) => chat.addEventListener("chatkit.ready", resolve, { once: true }));
  steps.configure(chat as OpenAIChatKit, "open");
  await ready;
  return { element: chat as OpenAIChatKit, client: "open" };
}

/** Whether there is no point in waiting for another host. */
function isHopeless(): boolean {
  if (!navigator.onLine) return true;
  try {
    return Date.now() - Number(sessionStorage.getItem(FAILED) ?? 0) < REMEMBERED_MS;
  } catch {
    return false;
  }
}

function rememberFailure(): void {
  try {
    sessionStorage.setItem(FAILED, String(Date.now()));
  } catch {
    // The next page waits again.
  }
}

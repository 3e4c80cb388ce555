/**
 * The script of other sites: <script async src="https://chat.example/embed.js" data-embed="emb_…"></script>.
 * It brings a button and a panel, or with data-inline="#id" the chat in a place of the page, and `chatplatform(...)`.
 */
import { storageOf } from "../loader/storage";
import { report } from "../report";
import { type Chat, type Command, Events, perform } from "./commands";
import { HostChat } from "./host";
import { IdentitySource } from "./identity";
import type { Appearance } from "./launcher";
import { SizeStore } from "./resize";
import { VisitStore } from "./visit";

/** In the address of a page: the conversation that it opens with. */
const THREAD = "chatplatform-thread";

const script = (document.currentScript ?? document.querySelector("script[data-embed][src*='/embed.js']")) as HTMLScriptElement | null;
const embed = script?.dataset["embed"] ?? "";
const here = window as unknown as { chatplatform?: Command & { embed?: string } };

if (script && embed && here.chatplatform?.embed === undefined) {
  const events = new Events();
  const waiting: unknown[][] = Array.from(here.chatplatform?.q ?? [], (call) => Array.from(call));
  let chat: Chat | null = null;
  const command = (...call: unknown[]) => {
    // Listeners are there from the start, so that they hear of everything.
    if (chat || call[0] === "on" || call[0] === "off") perform(chat as Chat, events, call);
    else waiting.push(call);
  };
  // A page of the platform has an object of this name: what is in it stays.
  here.chatplatform = Object.assign(command, here.chatplatform, { embed });
  const early = waiting.splice(0);
  early.forEach((call) => command(...call));
  start(script, embed, events)
    .then((started) => {
      chat = started;
      waiting.splice(0).forEach((call) => command(...call));
    })
    .catch((error: unknown) => {
      report("error", "embed_not_shown", error);
      events.emit("error", { code: "unavailable", hint: String(error) });
    });
}

async function start(script: HTMLScriptElement, embed: string, events: Events): Promise<Chat> {
  const base = new URL(script.src);
  const response = await fetch(new URL(`/embed/${encodeURIComponent(embed)}/config`, base), { credentials: "omit" });
  if (!response.ok) throw new Error(`${response.status}: is this site (${location.origin}) among the embed's allowed origins?`);
  const about = (await response.json()) as Appearance;
  if (!document.body) await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
  const { inline = "", tokenUrl = null } = script.dataset;
  const place = inline ? document.querySelector(inline) : null;
  if (inline && !place) throw new Error(`There is nothing at ${inline} on this page.`);
  const chat = new HostChat({
    about,
    address: new URL(`/embed/${encodeURIComponent(embed)}/`, base).href,
    inline: place,
    identity: new IdentitySource(tokenUrl),
    events,
    visit: new VisitStore(embed, storageOf("sessionStorage")),
    sizes: new SizeStore(embed, storageOf("localStorage")),
  });
  const thread = new URLSearchParams(location.search).get(THREAD);
  if (thread) chat.open(thread);
  return chat;
}

import type { OpenAIChatKit } from "@openai/chatkit";
import type { EmbedConfig, PageConfig } from "../../loader/config";
import { startChat } from "../../loader/start";
import { storageOf } from "../../loader/storage";
import { textsFor } from "../../loader/texts";
import { pageLocale } from "../../locale";
import type { FromHost } from "../protocol";
import { FrameSession, keepsCookies } from "./session";
import { Site } from "./site";

/** The chat in the frame: it waits for the page around it, and starts when that page has said who is there. */
export class Frame {
  private readonly site: Site;
  private readonly session: FrameSession;
  private chat: OpenAIChatKit | null = null;
  private isStarted = false;
  private isOpen = true;
  private isIdentified = false;
  private unread = 0;

  constructor(
    private readonly config: PageConfig,
    private readonly embed: EmbedConfig,
    private readonly placed: HTMLElement,
  ) {
    this.site = new Site(embed.origins, (message) => void this.hear(message));
    const around = { fetch: window.fetch.bind(window), locks: navigator.locks, storage: storageOf("localStorage"), now: Date.now };
    this.session = new FrameSession(config.session, embed, around, keepsCookies(), {
      identity: () => this.identity(),
      refused: ({ code, hint }) => this.site.say({ type: "problem", code, hint }),
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) this.site.say({ type: "close" });
    });
  }

  /** Without a page around it nobody identifies anybody, and nobody waits. */
  begin(): void {
    if (window.parent === window) void this.start(null);
    else this.site.greet();
  }

  private async hear(message: Exclude<FromHost, { type: "told" }>): Promise<void> {
    switch (message.type) {
      case "init":
        this.isOpen = message.isOpen;
        this.isIdentified = message.isIdentified;
        return this.start(message.threadId);
      case "shown":
        this.isOpen = message.isOpen;
        if (message.isOpen) this.unread = 0;
        return;
      case "focus":
        return void this.chat?.focusComposer().catch(() => undefined);
      case "thread":
        return void this.chat?.setThreadId(message.threadId).catch(() => undefined);
      case "identify":
        return this.identify();
      case "logout":
        return this.leave();
    }
  }

  private async start(threadId: string | null): Promise<void> {
    if (this.isStarted) return;
    if (this.embed.identity === "required" && !this.isIdentified) {
      this.explain();
      this.site.say({ type: "identity_required" });
      return;
    }
    this.isStarted = true;
    this.placed.hidden = false;
    document.getElementById("explanation")?.remove();
    if (threadId) this.config.options.initialThread = threadId;
    this.chat = await startChat(this.config, this.placed, {
      session: this.session,
      context: () => () => this.site.context().catch(() => ({ url: "", title: "" })),
      callTool: (tool) => this.site.callTool(tool),
      threadChanged: (id) => this.site.say({ type: "thread", threadId: id }),
      goTo: (url) => void window.open(url, "_blank", "noopener"),
    });
    this.chat.addEventListener("chatkit.response.end", () => {
      if (!this.isOpen) this.unread++;
      this.site.say({ type: "answered", unread: this.unread });
    });
    this.site.say({ type: "ready" });
    if (this.isOpen) void this.chat.focusComposer().catch(() => undefined);
  }

  /** What the site says about somebody, once it has said that it can. */
  private async identity(): Promise<string | null> {
    if (!this.isIdentified) return null;
    try {
      return await this.site.identity();
    } catch (error) {
      this.site.say({ type: "problem", code: "identity_required", hint: String(error) });
      return null;
    }
  }

  /** A visitor becomes the person and keeps what is on screen; in the place of another person everything begins anew. */
  private async identify(): Promise<void> {
    const before = this.session.who;
    this.isIdentified = true;
    if (!this.isStarted) return this.start(null);
    await this.session.start();
    if (!(await this.session.renewIdentity().catch(() => false))) return;
    if (before !== null && this.session.who !== before) this.beginAnew();
  }

  private async leave(): Promise<void> {
    this.isIdentified = false;
    await this.session.end();
    this.beginAnew();
  }

  /** The whole page, so that nothing of the one before is left: no conversation, no draft, nothing that was asked for. */
  private beginAnew(): void {
    this.site.say({ type: "forgotten" });
    location.reload();
  }

  private explain(): void {
    this.placed.hidden = true;
    const text = document.createElement("p");
    text.id = "explanation";
    text.className = "notice";
    text.setAttribute("role", "status");
    text.textContent = textsFor(pageLocale()).identity;
    document.getElementById("explanation")?.remove();
    this.placed.before(text);
  }
}

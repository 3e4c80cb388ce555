/** The chat of a site's page: the launcher in front, the frame of the platform in it, and what the two have to tell each other. */
import { ClientTools } from "../loader/client-tools";
import { watchPage } from "../loader/page-context";
import { report } from "../report";
import type { Chat, Events, Identity } from "./commands";
import type { IdentitySource } from "./identity";
import { type Appearance, Launcher } from "./launcher";
import { type FromFrame, type FromHost, marked, messageOf } from "./protocol";
import type { SizeStore } from "./resize";
import type { VisitStore } from "./visit";

interface Parts {
  about: Appearance;
  /** The address of the frame; only its origin is listened to, and spoken to. */
  address: string;
  inline: Element | null;
  identity: IdentitySource;
  events: Events;
  visit: VisitStore;
  sizes: SizeStore;
}

export class HostChat implements Chat {
  private readonly launcher: Launcher;
  private readonly tools = new ClientTools();
  private readonly context: () => unknown;
  private readonly origin: string;
  private frame: HTMLIFrameElement | null = null;
  /** Before it has said hello a frame is nobody that could be told anything; `init` tells it what it missed. */
  private isThere = false;
  private isReady = false;
  private wanted: string | null;

  constructor(private readonly parts: Parts) {
    const { about, inline, visit, address } = parts;
    this.origin = new URL(address).origin;
    this.wanted = visit.now.threadId;
    this.launcher = new Launcher(
      about,
      { toggle: () => this.toggle(), open: () => this.open(), close: () => this.close(), dismiss: () => visit.keep({ isGreetingDismissed: true }) },
      inline,
      parts.sizes,
    );
    this.context = watchPage(() => this.launcher.element);
    addEventListener("message", (event) => this.hear(event));
    if (inline || visit.now.isOpen) this.show({ isRestored: true });
    else this.greetLater();
  }

  open(threadId?: string): void {
    if (threadId) {
      this.wanted = threadId;
      if (this.isReady) this.say({ type: "thread", threadId });
    }
    this.show({ isRestored: false });
  }

  close(): void {
    if (!this.launcher.isOpen || this.parts.inline) return;
    this.launcher.close();
    this.parts.visit.keep({ isOpen: false });
    this.say({ type: "shown", isOpen: false });
    this.parts.events.emit("close");
  }

  toggle(): void {
    if (this.launcher.isOpen) this.close();
    else this.open();
  }

  identify(identity: Identity): void {
    this.parts.identity.set(identity);
    this.say({ type: "identify" });
  }

  logout(): void {
    this.parts.identity.set(null);
    this.forget();
    this.say({ type: "logout" });
  }

  registerTool(name: string, tool: Parameters<ClientTools["register"]>[1]): void {
    this.tools.register(name, tool);
  }

  /** A panel that was open on the page before opens again, and takes the focus from nothing. */
  private show({ isRestored }: { isRestored: boolean }): void {
    const wasOpen = this.launcher.isOpen;
    this.frame = this.launcher.open(this.parts.address);
    this.launcher.showUnread(0);
    this.parts.visit.keep({ isOpen: true, isGreetingDismissed: true });
    this.say({ type: "shown", isOpen: true });
    if (!isRestored) {
      this.launcher.focus();
      this.say({ type: "focus" });
    }
    if (!wasOpen) this.parts.events.emit("open");
  }

  private greetLater(): void {
    const { about, visit } = this.parts;
    if (!about.greeting || visit.now.isGreetingDismissed) return;
    setTimeout(() => {
      if (!this.launcher.isOpen && !visit.now.isGreetingDismissed) this.launcher.greet();
    }, about.greeting_seconds * 1000);
  }

  /** Whoever uses the page next must not find the conversation of the one before. */
  private forget(): void {
    this.wanted = null;
    this.parts.visit.keep({ threadId: null });
    this.launcher.showUnread(0);
  }

  private say(message: FromHost): void {
    if (this.isThere) this.frame?.contentWindow?.postMessage(marked(message), this.origin);
  }

  private hear(event: MessageEvent): void {
    if (!this.frame || event.source !== this.frame.contentWindow || event.origin !== this.origin) return;
    const message = messageOf<FromFrame>(event.data);
    const { events, identity, visit } = this.parts;
    switch (message?.type) {
      case "hello":
        this.isThere = true;
        return this.say({ type: "init", threadId: this.wanted, isOpen: this.launcher.isOpen, isIdentified: identity.isThere });
      case "ask":
        return void this.answer(message);
      case "ready":
        if (!this.isReady) events.emit("ready");
        this.isReady = true;
        return;
      case "close":
        return this.close();
      case "thread":
        this.wanted = message.threadId;
        visit.keep({ threadId: message.threadId });
        return events.emit("thread", { thread: message.threadId });
      case "answered":
        this.launcher.showUnread(message.unread);
        events.emit("answer");
        if (message.unread) events.emit("unread", { count: message.unread });
        return;
      case "forgotten":
        return this.forget();
      case "identity_required":
        return events.emit("identity_required");
      case "problem":
        report("error", "embed_problem", message.code, message.hint);
        return events.emit("error", { code: message.code, hint: message.hint });
    }
  }

  private async answer({ id, what, name, params }: Extract<FromFrame, { type: "ask" }>): Promise<void> {
    try {
      const value =
        what === "identity" ? await this.parts.identity.token() : what === "context" ? this.context() : await this.tools.call({ name: name ?? "", params: params ?? {} });
      this.say({ type: "told", id, value });
    } catch (error) {
      report("error", "page_failed", error);
      this.say({ type: "told", id, error: error instanceof Error ? error.message : String(error) });
    }
  }
}

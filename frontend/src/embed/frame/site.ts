import type { PageContext } from "../../loader/page-context";
import { type FromFrame, type FromHost, marked, messageOf } from "../protocol";

/** How long the site's page may take to say something about itself, and how long to get a token or to run a tool. */
const CONTEXT_MS = 1_000;
const PATIENCE_MS = 60_000;

type Told = Extract<FromHost, { type: "told" }>;

/** The site's page around the frame. Whatever does not come from it, or from a site that the embed does not allow, is not heard. */
export class Site {
  private origin = "";
  private asked = 0;
  private readonly waiting = new Map<number, (told: Told) => void>();

  constructor(
    private readonly origins: readonly string[],
    private readonly hear: (message: Exclude<FromHost, Told>) => void,
    private readonly page: Window = window,
  ) {
    page.addEventListener("message", (event) => this.receive(event));
  }

  /** Says that the frame is there; the page answers with `init`. */
  greet(): void {
    this.page.parent.postMessage(marked({ type: "hello" }), "*"); // it says nothing, and whom it reaches is not known yet
  }

  say(message: FromFrame): void {
    if (this.origin) this.page.parent.postMessage(marked(message), this.origin);
  }

  identity(): Promise<string> {
    return this.ask({ what: "identity" }, PATIENCE_MS) as Promise<string>;
  }

  context(): Promise<PageContext> {
    return this.ask({ what: "context" }, CONTEXT_MS) as Promise<PageContext>;
  }

  /** The assistant always gets a result, so that its turn can go on. */
  async callTool(tool: { name: string; params: Record<string, unknown> }): Promise<Record<string, unknown>> {
    try {
      return (await this.ask({ what: "tool", ...tool }, PATIENCE_MS)) as Record<string, unknown>;
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }

  private ask(question: { what: "identity" | "context" | "tool"; name?: string; params?: Record<string, unknown> }, limit: number): Promise<unknown> {
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error("The page around the chat did not answer."));
      }, limit);
      this.waiting.set(id, ({ value, error }) => {
        clearTimeout(timer);
        if (error === undefined) resolve(value);
        else reject(new Error(error));
      });
      this.say({ type: "ask", id, ...question });
    });
  }

  private receive(event: MessageEvent): void {
    if (event.source !== this.page.parent || !this.origins.includes(event.origin)) return;
    const message = messageOf<FromHost>(event.data);
    if (!message) return;
    this.origin = event.origin;
    if (message.type !== "told") return this.hear(message);
    this.waiting.get(message.id)?.(message);
    this.waiting.delete(message.id);
  }
}

import type { ClientTool, ClientToolOptions } from "../../package/loader";
import type { Permission } from "./permission";

interface Registered {
  tool: ClientTool;
  options: ClientToolOptions;
}

const TIMEOUT_MS = 30_000;
/** For a reader who has gone to fetch a coffee. */
const PERMISSION_MS = 120_000;
/** How long a tool that is not known may still be registered, by a script of the page that is late. */
const LATE_MS = 3000;

interface Parts {
  /** Without it, tools that want a permission do not run. */
  ask?: (what: string, signal: AbortSignal) => Promise<Permission>;
  lateMs?: number;
}

/** The tools that the assistant may use in the reader's browser, by name. */
export class ClientTools {
  private readonly tools = new Map<string, Registered>([
    ["page_title", { tool: () => ({ title: document.title, url: location.href }), options: {} }],
  ]);
  /** What the reader allowed for as long as this page lives. */
  private readonly allowed = new Set<string>();
  private readonly waiting = new Set<() => void>();

  constructor(private readonly parts: Parts = {}) {}

  /** A later registration under the same name takes the place of the earlier one. */
  readonly register = (name: string, tool: ClientTool, options: ClientToolOptions = {}) => {
    if (typeof name !== "string" || !name || typeof tool !== "function") {
      throw new TypeError("registerClientTool needs a name and a function");
    }
    const { timeoutMs = TIMEOUT_MS } = options;
    if (!(timeoutMs > 0 && timeoutMs <= 600_000)) throw new RangeError("timeoutMs must be from 1 to 600000");
    this.tools.set(name, { tool, options });
    for (const look of this.waiting) look();
  };

  /** `onClientTool` of ChatKit. The assistant always gets a result, so that its turn can go on. */
  readonly call = async ({ name, params }: { name: string; params: Record<string, unknown> }): Promise<Record<string, unknown>> => {
    const registered = this.tools.get(name) ?? (await this.late(name));
    if (!registered) return { error: `This page has no tool named ${name}.` };
    const { tool, options } = registered;
    if (!(await this.mayRun(name, options))) return { error: "The user did not allow this." };
    const { timeoutMs = TIMEOUT_MS } = options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`The tool did not answer within ${timeoutMs / 1000} seconds.`)), timeoutMs);
    });
    try {
      const result = await Promise.race([Promise.resolve(tool(params ?? {})), late]);
      return typeof result === "object" && result !== null ? (result as Record<string, unknown>) : { result: result ?? null };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  };

  private async mayRun(name: string, { permission }: ClientToolOptions): Promise<boolean> {
    if (!permission || this.allowed.has(name)) return true;
    const answer = (await this.parts.ask?.(permission, AbortSignal.timeout(PERMISSION_MS))) ?? "denied";
    if (answer === "always") this.allowed.add(name);
    return answer !== "denied";
  }

  /** After a reload the assistant may ask before the page's own scripts have run. */
  private late(name: string): Promise<Registered | undefined> {
    return new Promise((resolve) => {
      const look = () => this.tools.has(name) && done();
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve(this.tools.get(name));
      };
      const timer = setTimeout(done, this.parts.lateMs ?? LATE_MS);
      this.waiting.add(look);
    });
  }
}

import type { SessionConfig } from "./config";
import { type Problem, problemOf } from "./errors";

/** What the session needs of the browser; tests bring their own. */
export interface Surroundings {
  fetch: typeof fetch;
  /** Absent in old browsers and on plain http: then each tab looks after itself. */
  locks?: LockManager | undefined;
  storage?: Storage | undefined;
  now: () => number;
}

/**
 * The chat session of this browser in one tenant. Its token is an httpOnly cookie that no script sees;
 * what tabs share is the moment at which it was last renewed, so that one renewal serves them all.
 */
export class ChatSession {
  /** Where to sign in, once the server has said that nothing else helps. */
  signInUrl: string | null = null;
  /** Why there is no session: what the server last said to who wanted one. */
  refusal: Response | null = null;
  private started: Promise<void> | null = null;
  private renewedAt = 0;
  /** OpenAI's, for an assistant that OpenAI answers. Ours is a cookie. */
  protected secret: string | null = null;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    protected readonly config: SessionConfig,
    protected readonly around: Surroundings,
    private readonly onLoginRequired: (signInUrl: string) => void,
  ) {}

  /** For every request of the session. */
  readonly fetch: typeof fetch = (input, init) => this.around.fetch(input, init);

  /** Opens the session, once for a page. Never rejects: a request that follows is answered with what is wrong. */
  start(): Promise<void> {
    this.started ??= this.open().catch(() => undefined);
    return this.started;
  }

  /** After a refused request that was sent at `sentAt`: true when it is worth repeating. */
  async renew(code: string, sentAt: number): Promise<boolean> {
    if (code !== "session_expired" && code !== "session_missing" && code !== "session_invalid") return false;
    return this.alone(async (waited) => {
      // A tab may see what another one has stored later than it gets the lock from it; but the cookie is there by then.
      if (waited || this.lastRenewal() > sentAt) return true;
      return (code === "session_expired" && (await this.post(this.config.refreshUrl))) || this.mint();
    }).catch(() => false);
  }

  /** OpenAI's client secret. `current`: the one that has run out. Rejects when there is none to be had. */
  async clientSecret(current: string | null): Promise<string> {
    await this.start();
    if (current || this.secret === null) {
      await this.alone(async () => {
        if (!current || !(await this.post(this.config.refreshUrl))) await this.mint();
      });
    }
    if (this.secret === null || this.secret === current) throw new Error("OpenAI's session could not be opened.");
    return this.secret;
  }

  private async open(): Promise<void> {
    const asked = this.around.now();
    await this.alone(async () => {
      // Tabs that are restored together need one session, not one each.
      if (this.lastRenewal() <= asked) await this.mint();
    });
    // Nothing has been written yet that leaving could lose; later the chat shows a link instead.
    if (this.signInUrl) this.onLoginRequired(this.signInUrl);
  }

  protected mint(): Promise<boolean> {
    return this.post(this.config.url, { assistant: this.config.assistant });
  }

  protected async post(url: string, fields: Record<string, string> = {}): Promise<boolean> {
    const response = await this.send("POST", url, fields);
    if (response.ok) {
      const body = (await response.json().catch(() => ({}))) as { client_secret?: string };
      this.received(body.client_secret ?? null);
      this.signInUrl = this.refusal = null;
      this.noteRenewal();
      return true;
    }
    this.refusal = response;
    this.refused(await problemOf(response));
    return false;
  }

  protected send(method: string, url: string, fields: Record<string, string> = {}): Promise<Response> {
    return this.fetch(url, {
      method,
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ ...this.place(), ...fields }),
    });
  }

  /** What names the session among those that the browser holds. */
  protected place(): Record<string, string> {
    return { tenant: this.config.tenant };
  }

  protected received(secret: string | null): void {
    this.secret = secret;
  }

  protected refused({ code, hint }: Problem): void {
    if (code === "login_required") this.signInUrl = signInPage(hint);
  }

  /** One after the other, in this tab and across tabs. `waited`: another one was at it. */
  protected async alone<T>(work: (waited: boolean) => Promise<T>): Promise<T> {
    const { locks } = this.around;
    if (locks) {
      let free = true;
      try {
        const done = await locks.request(this.key, { ifAvailable: true }, (lock) => (free = lock !== null) && work(false));
        return free ? (done as T) : ((await locks.request(this.key, () => work(true))) as T);
      } catch (error) {
        // Frames of other sites may be denied what tabs share, though they keep their cookies.
        if (!(error instanceof DOMException) || error.name !== "SecurityError") throw error;
      }
    }
    const turn = this.queue.then(
      () => work(false),
      () => work(false),
    );
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  protected get key() {
    return `chatplatform.session.${this.config.tenant}`;
  }

  private lastRenewal(): number {
    return Math.max(this.renewedAt, Number(this.around.storage?.getItem(this.key) ?? 0));
  }

  private noteRenewal() {
    this.renewedAt = this.around.now();
    try {
      this.around.storage?.setItem(this.key, String(this.renewedAt));
    } catch {
      // A full or forbidden storage costs other tabs a renewal of their own.
    }
  }
}

/** The sign-in page that the server names, with the way back. Only a path on this host counts. */
export function signInPage(hint: string, here: Pick<Location, "pathname" | "search"> = location): string {
  const path = /^\/(?![/\\])/.test(hint) ? hint : "/login/";
  return `${path}?next=${encodeURIComponent(here.pathname + here.search)}`;
}

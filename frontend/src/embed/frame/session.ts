import type { EmbedConfig, SessionConfig } from "../../loader/config";
import type { Problem } from "../../loader/errors";
import { ChatSession, type Surroundings } from "../../loader/session";

interface Site {
  /** A token of the site's, or null where it identifies nobody. */
  identity: () => Promise<string | null>;
  refused: (problem: Problem) => void;
}

/**
 * The chat session of an embed. Its token is a cookie that the browser keeps for the site around the frame; where it
 * keeps none, the token stays in this frame's memory, and ends with it.
 */
export class FrameSession extends ChatSession {
  private bearer: string | null = null;
  /** Whom the site has identified, in its own words. */
  who: string | null = null;

  constructor(
    config: SessionConfig,
    private readonly embed: EmbedConfig,
    around: Surroundings,
    private readonly keepsCookies: boolean,
    private readonly site: Site,
  ) {
    // Without cookies there is nothing that tabs could share, and their storage is closed too.
    super(config, keepsCookies ? around : { fetch: around.fetch, now: around.now }, () => undefined);
  }

  /** `fetch` with the token, where no cookie carries it. */
  override readonly fetch: typeof fetch = (input, init = {}) => {
    if (!this.bearer) return this.around.fetch(input, init);
    const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
    headers.set("Authorization", `Bearer ${this.bearer}`);
    return this.around.fetch(input, { ...init, headers });
  };

  /** Opens another session in the place of this one; true when it could be opened. */
  renewIdentity(): Promise<boolean> {
    return this.alone(() => this.mint());
  }

  async end(): Promise<void> {
    await this.send("DELETE", this.config.url).catch(() => undefined);
    this.bearer = this.who = null;
  }

  protected override async mint(): Promise<boolean> {
    const identity = await this.site.identity();
    const opened = await this.post(this.config.url, {
      credential: this.keepsCookies ? "cookie" : "client_secret",
      ...(identity ? { identity } : {}),
    });
    if (opened) this.who = identity ? subjectOf(identity) : null;
    return opened;
  }

  protected override place(): Record<string, string> {
    return { embed: this.embed.id };
  }

  protected override received(secret: string | null): void {
    if (this.keepsCookies) super.received(secret);
    else this.bearer = secret;
  }

  protected override refused(problem: Problem): void {
    this.site.refused(problem);
  }

  protected override get key(): string {
    return `chatplatform.session.${this.embed.id}`;
  }
}

/** The claim `sub`, to tell one person from the next. The server is who believes it, or does not. */
export function subjectOf(token: string): string {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    return String((JSON.parse(atob(payload)) as { sub?: unknown }).sub ?? "");
  } catch {
    return "";
  }
}

/** Whether the browser keeps cookies for this frame, asked with one of the kind that the session's is. */
export function keepsCookies(): boolean {
  const name = "chatplatform_probe";
  const attributes = "; path=/embed/; secure; samesite=none; partitioned";
  try {
    document.cookie = `${name}=1${attributes}`;
    const kept = document.cookie.includes(`${name}=1`);
    document.cookie = `${name}=; max-age=0${attributes}`;
    return kept;
  } catch {
    return false;
  }
}

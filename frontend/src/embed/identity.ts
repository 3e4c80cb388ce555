import type { Identity } from "./commands";

/** What gets a token: the site's function, a text that serves once, or an address of the site that answers with one. */
export class IdentitySource {
  private source: (() => string | Promise<string>) | null = null;

  constructor(tokenUrl: string | null) {
    if (tokenUrl) this.source = () => fetchToken(tokenUrl);
  }

  get isThere(): boolean {
    return this.source !== null;
  }

  set(identity: Identity | null): void {
    if (typeof identity !== "string") {
      this.source = identity;
      return;
    }
    let token: string | null = identity;
    this.source = () => {
      if (token === null) throw new Error("A token works once: give a function that gets a new one.");
      const once = token;
      token = null;
      return once;
    };
  }

  /** Rejects when there is none to be had. */
  async token(): Promise<string> {
    const token = await this.source?.();
    if (typeof token !== "string" || !token) throw new Error("The site gave no token.");
    return token.trim();
  }
}

/** The answer is the token itself, or JSON that holds it as `token`. */
async function fetchToken(url: string): Promise<string> {
  const response = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json, text/plain" } });
  if (!response.ok) throw new Error(`The token's address answered ${response.status}.`);
  const text = await response.text();
  return text.trimStart().startsWith("{") ? ((JSON.parse(text) as { token?: string }).token ?? "") : text;
}

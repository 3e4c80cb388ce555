import type { ChatKitOptions, CustomApiConfig } from "@openai/chatkit";

/** What the server wrote into the page; see chat/page_options.py. */
export interface PageConfig {
  /** `openai`: OpenAI's ChatKit.js. `open`: our client. `auto`: OpenAI's, and ours where it does not come up. */
  client: "auto" | "openai" | "open";
  officialUrl: string | null;
  /** OpenAI answers; the API of this platform only opens the session. */
  hosted: boolean;
  openUrl: string;
  readyTimeoutMs: number;
  elementId: string;
  session: SessionConfig;
  runsUrl: string;
  entitiesUrl: string;
  commandsUrl: string;
  /** ChatKit's options, without functions. */
  options: Omit<ChatKitOptions, "api"> & { api: Pick<CustomApiConfig, "url" | "domainKey"> };
  /** Options that only our client has. */
  open: Record<string, unknown>;
  /** In the frame of another site. */
  embed?: EmbedConfig;
}

export interface EmbedConfig {
  id: string;
  /** The sites that may show the frame. */
  origins: string[];
  identity: "none" | "optional" | "required";
}

export interface SessionConfig {
  url: string;
  refreshUrl: string;
  tenant: string;
  assistant: string;
}

/** Null on a page without a chat. */
export function readConfig(page: Document = document): PageConfig | null {
  const text = page.getElementById("chatkit-config")?.textContent;
  return text ? (JSON.parse(text) as PageConfig) : null;
}

/** Where a run is followed or stopped. The query of the API names the tenant on a shared host. */
export function runUrl(config: PageConfig, runId: string, action: "events" | "cancel"): URL {
  const url = new URL(`${config.runsUrl}${encodeURIComponent(runId)}/${action}`, location.origin);
  url.search = new URL(config.options.api.url, location.origin).search;
  return url;
}

import { ConnectionError, errorFromResponse, isAbort } from "./errors";
import { type Frame, readFrames } from "./sse";
import type { JsonOperations, StreamingRequest } from "./types";

export const RUN_ID_HEADER = "x-chatkit-run-id";

export interface ApiSettings {
  url: string;
  fetch?: typeof fetch | undefined;
  locale: string;
  /** Where runs can be attached to and cancelled. Derived from `url` when absent. */
  runsUrl?: string | undefined;
}

export interface EventStream {
  /** Names the run on servers that keep answers going without a connection; null elsewhere. */
  runId: string | null;
  frames: AsyncGenerator<Frame>;
}

/** All HTTP of the client. Settings are read on each call, since options can change at any time. */
export class ApiClient {
  constructor(private readonly settings: () => ApiSettings) {}

  async call<K extends keyof JsonOperations>(
    type: K,
    params: JsonOperations[K]["params"],
    signal?: AbortSignal,
  ): Promise<{ reply: JsonOperations[K]["reply"]; runId: string | null }> {
    const response = await this.post({ type, params }, "application/json", signal);
    const reply = (await response.json()) as JsonOperations[K]["reply"];
    return { reply, runId: response.headers.get(RUN_ID_HEADER) };
  }

  async stream(request: StreamingRequest, signal?: AbortSignal): Promise<EventStream> {
    return toStream(await this.post(request, "text/event-stream", signal));
  }

  /** Posts a form, with the file of a direct upload for example, and reads the JSON answer. */
  async postForm<T>(url: string, form: FormData, signal?: AbortSignal): Promise<T> {
    const response = await this.send(url, { method: "POST", body: form, ...(signal ? { signal } : {}) });
    return (await response.json()) as T;
  }

  /** Follows a run again, from the frame after the position `after`: the id of a frame, or how many came. */
  async attach(runId: string, after: number | string, signal?: AbortSignal): Promise<EventStream> {
    const url = this.runUrl(runId, "events");
    url.searchParams.set("after", String(after));
    const response = await this.send(url.href, {
      method: "GET",
      headers: { Accept: "text/event-stream", "Accept-Language": this.settings().locale },
      ...(signal ? { signal } : {}),
    });
    return toStream(response);
  }

  async cancel(runId: string): Promise<void> {
    const response = await this.send(this.runUrl(runId, "cancel").href, {
      method: "POST",
      headers: this.jsonHeaders("application/json"),
      body: "{}",
    });
    // A body that nobody reads keeps its request open.
    void response.text().catch(() => undefined);
  }

  private runUrl(runId: string, action: string): URL {
    const { url, runsUrl } = this.settings();
    const api = new URL(url, document.baseURI);
    const runs = new URL(runsUrl ?? api.pathname.replace(/\/?$/, "/runs/"), api);
    runs.pathname = `${runs.pathname.replace(/\/?$/, "/")}${encodeURIComponent(runId)}/${action}`;
    // The query of the API names the tenant on a shared host, so runs need it too.
    api.searchParams.forEach((value, key) => {
      if (!runs.searchParams.has(key)) runs.searchParams.set(key, value);
    });
    return runs;
  }

  private jsonHeaders(accept: string): Record<string, string> {
    return {
      "Content-Type": "application/json",
      Accept: accept,
      "Accept-Language": this.settings().locale,
    };
  }

  private post(body: object, accept: string, signal?: AbortSignal): Promise<Response> {
    return this.send(this.settings().url, {
      method: "POST",
      headers: this.jsonHeaders(accept),
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    });
  }

  private async send(url: string, init: RequestInit): Promise<Response> {
    const doFetch = this.settings().fetch ?? globalThis.fetch.bind(globalThis);
    let response: Response;
    try {
      response = await doFetch(url, init);
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new ConnectionError(String(error), { cause: error });
    }
    if (!response.ok) throw await errorFromResponse(response);
    return response;
  }
}

async function* noFrames(): AsyncGenerator<Frame> {
  // A 204 or an empty answer: a turn without events.
}

function toStream(response: Response): EventStream {
  return {
    runId: response.headers.get(RUN_ID_HEADER),
    frames: response.body ? readFrames(response.body) : noFrames(),
  };
}

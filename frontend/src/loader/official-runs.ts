import type { OpenAIChatKit } from "@openai/chatkit";
import { type PageConfig, runUrl } from "./config";

const RUN_ID = "x-chatkit-run-id";
/** Changing the thread also ends a stream, and ChatKit says so a moment later; that is no wish to stop. */
const SECOND_THOUGHTS_MS = 300;

interface Parts {
  config: PageConfig;
  fetch: typeof fetch;
  element: () => OpenAIChatKit | null;
  /** Of this page; its `pagehide` tells leaving from stopping. */
  page?: EventTarget;
}

/**
 * Gives OpenAI's client what its protocol lacks. Here an answer goes on without its connection, so an
 * aborted stream has to be told to the server as a stop, and an answer that is still being written
 * when a thread is opened has to be fetched when it is done. Our own client does both by itself.
 */
export class OfficialRuns {
  private leaving = false;
  private threadChanges = 0;
  private readonly known = new Set<string>();

  constructor(private readonly parts: Parts) {
    const page = parts.page ?? window;
    page.addEventListener("pagehide", () => (this.leaving = true));
    page.addEventListener("pageshow", () => (this.leaving = false));
  }

  readonly threadChanged = () => {
    this.threadChanges++;
  };

  readonly observe = (type: string, response: Response, signal: AbortSignal | null): Response => {
    const runId = response.headers.get(RUN_ID);
    if (!runId || !response.ok) return response;
    if (type === "threads.get_by_id") {
      if (!this.known.has(runId)) void this.follow(runId);
      return response;
    }
    this.known.add(runId);
    return this.watched(response, runId, signal);
  };

  /** The same answer, whose early end means "stop", whether the signal or the reader brings it about. */
  private watched(response: Response, runId: string, signal: AbortSignal | null): Response {
    if (!response.body) return response;
    const reader = response.body.getReader();
    let over = false;
    const stopped = () => {
      if (!over) void this.stop(runId);
      over = true;
    };
    signal?.addEventListener("abort", stopped, { once: true });
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
          over = true;
          controller.close();
        } catch (error) {
          // An abort also fails the reading; its own event has been or will be heard.
          over ||= !signal?.aborted;
          controller.error(error);
        }
      },
      cancel: (reason) => {
        stopped();
        return reader.cancel(reason);
      },
    });
    return new Response(body, { status: response.status, statusText: response.statusText, headers: response.headers });
  }

  private async stop(runId: string): Promise<void> {
    const before = this.threadChanges;
    await new Promise((resolve) => setTimeout(resolve, SECOND_THOUGHTS_MS));
    if (this.leaving || this.threadChanges !== before) return;
    await this.parts
      .fetch(runUrl(this.parts.config, runId, "cancel"), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: "{}",
      })
      .catch(() => undefined);
  }

  private async follow(runId: string): Promise<void> {
    this.known.add(runId);
    const before = this.threadChanges;
    try {
      const url = runUrl(this.parts.config, runId, "events");
      url.searchParams.set("after", "0");
      const response = await this.parts.fetch(url, { headers: { Accept: "text/event-stream" } });
      const reader = response.body?.getReader();
      while (reader && !(await reader.read()).done) {
        if (this.threadChanges > before + 1) return await reader.cancel();
      }
    } catch {
      // Whatever is there by now is worth showing.
    }
    await this.parts.element()?.fetchUpdates().catch(() => undefined);
  }
}

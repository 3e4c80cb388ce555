import type { Thread, ThreadItem, ThreadStreamEvent } from "../client/protocol/types";

/** What the server wrote into the page: a thread as it was stored, and the answer that is shown again in it, if one is. */
export interface Recording {
  thread: Thread;
  items: ThreadItem[];
  run: { id: string; events: [milliseconds: number, event: ThreadStreamEvent][] } | null;
}

/** A `fetch` for the client that knows one stored conversation. Nothing leaves the page, and nothing can be changed. */
export class RecordedApi {
  /** How many times faster than it was; Infinity shows the whole answer at once. */
  speed = 1;

  constructor(private readonly recording: Recording) {}

  readonly fetch: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input, location.href);
    if (url.pathname.endsWith("/events")) return Promise.resolve(this.replay(init?.signal ?? null));
    const { type } = typeof init?.body === "string" ? (JSON.parse(init.body) as { type?: string }) : {};
    if (type === "threads.get_by_id") return Promise.resolve(this.thread());
    return Promise.resolve(Response.json({ error: { code: "read_only", message: "This is a recording." } }, { status: 409 }));
  };

  private thread(): Response {
    const { thread, items, run } = this.recording;
    return Response.json(
      { ...thread, items: { data: items, has_more: false } },
      run ? { headers: { "x-chatkit-run-id": run.id } } : {},
    );
  }

  private replay(signal: AbortSignal | null): Response {
    const events = (this.recording.run?.events ?? []).filter(([, event]) => isShown(event)).map(([at, event]) => [at, inert(event)] as const);
    const encoder = new TextEncoder();
    let next = 0;
    let shownAt = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const entry = events[next++];
        if (!entry || signal?.aborted) return controller.close();
        const [at, event] = entry;
        await pause((at - shownAt) / this.speed, signal);
        shownAt = at;
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(event)}\n\n`));
      },
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream", "x-chatkit-run-id": this.recording.run?.id ?? "" } });
  }
}

/** The client would run a tool of the page, which is not the page that it was meant for. */
const isShown = (event: ThreadStreamEvent) => !("item" in event && event.item.type === "client_tool_call");

/** There is nobody who could try again. */
const inert = (event: ThreadStreamEvent): ThreadStreamEvent => (event.type === "error" ? { ...event, allow_retry: false } : event);

function pause(milliseconds: number, signal: AbortSignal | null): Promise<void> {
  if (milliseconds < 1) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

import type { ApiClient, EventStream } from "./api";
import { ApiError, ConnectionError, isAbort } from "./errors";
import type { ThreadStreamEvent } from "./types";

/** Milliseconds before each attempt to attach again after a connection was lost: about a minute. */
export const REATTACH_DELAYS = [250, 1000, 2000, 4000, 8000, 12000, 15000, 20000];

export interface FollowOptions {
  api: Pick<ApiClient, "attach">;
  signal: AbortSignal;
  /** Called when the run is known by name, so that it can be cancelled. */
  onRunId?: (runId: string) => void;
  /** Called when the connection is lost (true) and when events flow again (false). */
  onReconnecting?: (reconnecting: boolean) => void;
  onMalformed?: (data: string) => void;
  delays?: readonly number[];
}

/**
 * Yields the events of one run until it ends, across lost connections.
 *
 * After a network error the run is attached to again from the last frame seen: by its id where it
 * has one, which only the server understands, else by counting as the server numbers them (the
 * first is 1). A server that does not name its runs
 * cannot be attached to: there a lost connection is a ConnectionError. Ends quietly on abort.
 */
export async function* followRun(
  open: () => Promise<EventStream>,
  options: FollowOptions,
): AsyncGenerator<ThreadStreamEvent> {
  const { api, signal, delays = REATTACH_DELAYS } = options;
  let runId: string | null = null;
  let position: number | string = 0;
  let attempt = 0;
  let connect = open;
  for (;;) {
    try {
      const stream: EventStream = await connect();
      if (stream.runId && stream.runId !== runId) {
        runId = stream.runId;
        options.onRunId?.(runId);
      }
      if (attempt) options.onReconnecting?.(false);
      for await (const frame of stream.frames) {
        if (signal.aborted) return;
        if (frame.id) position = frame.id;
        else if (Number.isInteger(Number(position))) position = Number(position) + 1;
        attempt = 0;
        const event = parse(frame.data);
        if (event) yield event;
        else options.onMalformed?.(frame.data);
      }
      return;
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      // Before a run is known the request itself failed, and saying so is the caller's matter.
      if (!runId) throw asConnectionError(error);
      if (error instanceof ApiError && error.status < 500 && error.status !== 429) throw error;
      const delay = delays[attempt++];
      if (delay === undefined) throw asConnectionError(error);
      options.onReconnecting?.(true);
      if (!(await pause(delay, signal))) return;
      const id = runId;
      connect = () => api.attach(id, position, signal);
    }
  }
}

function parse(data: string): ThreadStreamEvent | null {
  try {
    const event: unknown = JSON.parse(data);
    return typeof event === "object" && event && "type" in event
      ? (event as ThreadStreamEvent)
      : null;
  } catch {
    return null;
  }
}

const asConnectionError = (error: unknown) =>
  error instanceof ApiError || error instanceof ConnectionError
    ? error
    : new ConnectionError(String(error), { cause: error });

/** Resolves to false when aborted while waiting. */
function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = () => finish(false);
    const timer = setTimeout(() => finish(true), milliseconds);
    const finish = (completed: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve(completed);
    };
    signal.addEventListener("abort", stop);
  });
}

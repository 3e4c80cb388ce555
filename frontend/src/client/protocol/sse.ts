import { createParser } from "eventsource-parser";

export interface Frame {
  id?: string;
  data: string;
}

/**
 * Yields the data frames of a server-sent event stream. Comments (heartbeats) yield nothing, and
 * a frame that is cut off by the end of the body is dropped. Closing the iterator closes the body.
 */
export async function* readFrames(body: ReadableStream<Uint8Array>): AsyncGenerator<Frame> {
  const queue: Frame[] = [];
  const parser = createParser({
    onEvent: ({ id, data }) => queue.push(id === undefined ? { data } : { id, data }),
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (value) parser.feed(decoder.decode(value, { stream: true }));
      yield* queue.splice(0);
      if (done) return;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

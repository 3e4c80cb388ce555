import { describe, expect, it } from "vitest";
import { type Frame, readFrames } from "../../src/client/protocol/sse";

async function read(chunks: Uint8Array[]): Promise<Frame[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const frames: Frame[] = [];
  for await (const frame of readFrames(body)) frames.push(frame);
  return frames;
}

const bytes = new TextEncoder().encode(
  'data: {"text":"grüße 👋"}\n\n: ping\n\nid: 7\r\ndata: {"n":2}\r\n\r\ndata: {"n":3}\n\n',
);
const expected = [{ data: '{"text":"grüße 👋"}' }, { id: "7", data: '{"n":2}' }, { data: '{"n":3}' }];

describe("readFrames", () => {
  it("reads frames that are split at any byte", async () => {
    for (let at = 0; at <= bytes.length; at++) {
      const frames = await read([bytes.slice(0, at), bytes.slice(at)]);
      expect(frames.map(({ data }) => data)).toEqual(expected.map(({ data }) => data));
    }
  });

  it("reads frames that come byte by byte", async () => {
    const frames = await read([...bytes].map((byte) => new Uint8Array([byte])));
    expect(frames[1]).toEqual(expected[1]);
    expect(frames).toHaveLength(3);
  });

  it("drops a frame that is cut off", async () => {
    expect(await read([new TextEncoder().encode('data: {"a":1}\n\ndata: {"b"')])).toEqual([{ data: '{"a":1}' }]);
  });

  it("closes the body when its reader leaves", async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const frame of readFrames(body)) if (frame) break;
    await Promise.resolve();
    expect(cancelled).toBe(true);
  });
});

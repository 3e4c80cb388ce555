// @vitest-environment node
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiClient } from "../../src/client/protocol/api";
import { ApiError, ConnectionError } from "../../src/client/protocol/errors";
import { followRun } from "../../src/client/protocol/run";

const DELAYS = [1, 1, 1];
const request = { type: "threads.retry_after_item" as const, params: { thread_id: "t", item_id: "i" } };
const event = (n: number) => JSON.stringify({ type: "progress_update", text: String(n) });

/** A real server whose answers are scripted, one handler per request. */
let server: Server;
let answers: ((request: IncomingMessage, response: ServerResponse) => void)[];
let seen: string[];
let api: ApiClient;

beforeEach(async () => {
  answers = [];
  seen = [];
  server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    const answer = answers.shift();
    if (answer) answer(incoming, response);
    else response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vi.stubGlobal("document", { baseURI: `${origin}/page/` });
  api = new ApiClient(() => ({ url: `${origin}/api/chatkit?tenant=acme`, locale: "en" }));
});

afterEach(async () => {
  vi.unstubAllGlobals();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Answers with the given frames; `cut` breaks the connection instead of ending the body. */
const stream =
  (frames: string[], { runId = "run_1", cut = false } = {}) =>
  (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { "Content-Type": "text/event-stream", ...(runId ? { "x-chatkit-run-id": runId } : {}) });
    response.write(frames.join(""), () => setTimeout(() => (cut ? response.destroy() : response.end()), 20));
  };

const plain = (...numbers: number[]) => numbers.map((n) => `data: ${event(n)}\n\n`);
const numbered = (...numbers: number[]) => numbers.map((n) => `id: ${n}\ndata: ${event(n)}\n\n`);

async function follow(signal = new AbortController().signal, onReconnecting?: (on: boolean) => void) {
  const texts: string[] = [];
  const events = followRun(() => api.stream(request, signal), {
    api,
    signal,
    delays: DELAYS,
    ...(onReconnecting ? { onReconnecting } : {}),
  });
  for await (const received of events) if (received.type === "progress_update") texts.push(received.text);
  return texts;
}

describe("followRun", () => {
  it("ends with the body", async () => {
    answers = [stream(plain(1, 2))];
    expect(await follow()).toEqual(["1", "2"]);
    expect(seen).toHaveLength(1);
  });

  it("attaches again from the last frame, as often as it takes", async () => {
    answers = [
      stream([...plain(1), ": ping\n\n", ...plain(2)], { cut: true }),
      stream(numbered(3), { cut: true }),
      (_request, response) => response.writeHead(503).end(),
      stream(numbered(4, 5)),
    ];
    const states: boolean[] = [];
    expect(await follow(undefined, (on) => states.push(on))).toEqual(["1", "2", "3", "4", "5"]);
    expect(seen.slice(1)).toEqual([
      "GET /api/chatkit/runs/run_1/events?tenant=acme&after=2",
      "GET /api/chatkit/runs/run_1/events?tenant=acme&after=3",
      "GET /api/chatkit/runs/run_1/events?tenant=acme&after=3",
    ]);
    expect(states.at(-1)).toBe(false);
  });

  it("gives back the position of stored items, which no count replaces", async () => {
    const stored = ["1s", "1s"].map((id) => `id: ${id}\ndata: ${event(9)}\n\n`);
    answers = [stream(plain(1), { cut: true }), stream(stored, { cut: true }), stream(numbered(7), { cut: true }), stream([])];
    expect(await follow()).toEqual(["1", "9", "9", "7"]);
    expect(seen.slice(1).map((line) => line.split("after=")[1])).toEqual(["1", "1s", "7"]);
  });

  it("does not count a frame that was cut off", async () => {
    answers = [stream([...plain(1), 'data: {"type":"progr'], { cut: true }), stream(numbered(2))];
    expect(await follow()).toEqual(["1", "2"]);
    expect(seen[1]).toContain("after=1");
  });

  it("loses and repeats nothing, at whichever byte the connection is cut", async () => {
    const words = ["grüße", "👋", "three"];
    const frames = words.map((text, at) => `id: ${at + 1}\ndata: ${JSON.stringify({ type: "progress_update", text })}\n\n`);
    const whole = Buffer.from(frames.join(""));
    const headers = { "Content-Type": "text/event-stream", "x-chatkit-run-id": "run_1" };
    for (let at = 0; at < whole.length; at++) {
      answers = [
        (_request, response) => {
          response.writeHead(200, headers).flushHeaders();
          // A half first, so that frames come in pieces as well as to an end.
          response.write(whole.subarray(0, at >> 1));
          setImmediate(() => response.write(whole.subarray(at >> 1, at), () => setImmediate(() => response.destroy())));
        },
        ({ url }, response) => response.writeHead(200, headers).end(frames.slice(Number(new URL(url ?? "", "http://x").searchParams.get("after"))).join("")),
      ];
      expect(await follow(), `cut at ${at}`).toEqual(words);
    }
  });

  it("reads a stream that comes byte by byte", async () => {
    answers = [
      async (_request, response) => {
        response.writeHead(200, { "Content-Type": "text/event-stream" });
        for (const byte of Buffer.from(plain(1, 2).join(""))) {
          response.write(Buffer.of(byte));
          await new Promise(setImmediate);
        }
        response.end();
      },
    ];
    expect(await follow()).toEqual(["1", "2"]);
  });

  it("gives up after the last delay", async () => {
    answers = [stream(plain(1), { cut: true })];
    await expect(follow()).rejects.toBeInstanceOf(ApiError);
    expect(seen).toHaveLength(1 + DELAYS.length);
  });

  it("gives up at once when the run is gone", async () => {
    answers = [stream(plain(1), { cut: true }), (_request, response) => response.writeHead(404).end()];
    await expect(follow()).rejects.toMatchObject({ status: 404 });
  });

  it("cannot attach where runs have no names", async () => {
    answers = [stream(plain(1), { cut: true, runId: "" })];
    await expect(follow()).rejects.toBeInstanceOf(ConnectionError);
    expect(seen).toHaveLength(1);
  });

  it("passes the refusal of a request on", async () => {
    const body = { error: { code: "run_in_progress", message: "busy", hint: "wait", request_id: "r" } };
    answers = [(_request, response) => response.writeHead(409).end(JSON.stringify(body))];
    await expect(follow()).rejects.toMatchObject({ status: 409, code: "run_in_progress", hint: "wait" });
  });

  it("ends quietly when it is aborted", async () => {
    const abort = new AbortController();
    answers = [
      (incoming, response) => {
        stream(plain(1), { cut: false })(incoming, Object.assign(response, { end: () => response }));
        setTimeout(() => abort.abort(), 50);
      },
    ];
    expect(await follow(abort.signal)).toEqual(["1"]);
  });

  it("skips what is not an event, but counts it", async () => {
    answers = [stream(["data: nonsense\n\n", ...plain(2)], { cut: true }), stream(numbered(3))];
    expect(await follow()).toEqual(["2", "3"]);
    expect(seen[1]).toContain("after=2");
  });
});

describe("cancel", () => {
  it("names the run and the tenant", async () => {
    answers = [(_request, response) => response.writeHead(202).end("{}")];
    await api.cancel("run_1");
    expect(seen).toEqual(["POST /api/chatkit/runs/run_1/cancel?tenant=acme"]);
  });
});

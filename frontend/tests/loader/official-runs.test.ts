import type { OpenAIChatKit } from "@openai/chatkit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PageConfig } from "../../src/loader/config";
import { OfficialRuns } from "../../src/loader/official-runs";

const config = { runsUrl: "/api/chatkit/runs/", options: { api: { url: "/api/chatkit?tenant=acme", domainKey: "local" } } } as PageConfig;

/** An answer of three frames, of which the last comes only when `finish()` is called. */
function answer(runId: string | null = "run_1") {
  let finish = () => {};
  const body = new ReadableStream<string>({
    start(controller) {
      controller.enqueue("data: 1\n\n");
      controller.enqueue("data: 2\n\n");
      finish = () => {
        controller.enqueue("data: 3\n\n");
        controller.close();
      };
    },
  }).pipeThrough(new TextEncoderStream());
  const response = new Response(body, { headers: runId ? { "x-chatkit-run-id": runId } : {} });
  return { response, finish: () => finish() };
}

function setUp() {
  const page = new EventTarget();
  const requests: string[] = [];
  const fetchUpdates = vi.fn(async () => {});
  const answers: Response[] = [];
  const runs = new OfficialRuns({
    config,
    page,
    element: () => ({ fetchUpdates }) as unknown as OpenAIChatKit,
    fetch: async (input, init) => {
      requests.push(`${init?.method ?? "GET"} ${new URL(String(input)).pathname}${new URL(String(input)).search}`);
      return answers.shift() ?? Response.json({});
    },
  });
  return { runs, page, requests, fetchUpdates, answers };
}

const CANCEL = "POST /api/chatkit/runs/run_1/cancel?tenant=acme";
const settle = () => vi.advanceTimersByTimeAsync(1000);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("stopping an answer in OpenAI's client", () => {
  it("tells the server when the request is aborted", async () => {
    const { runs, requests } = setUp();
    const abort = new AbortController();
    runs.observe("threads.create", answer().response, abort.signal);
    abort.abort();
    await settle();
    expect(requests).toEqual([CANCEL]);
  });

  it("tells the server once when the reader lets go", async () => {
    const { runs, requests } = setUp();
    const abort = new AbortController();
    const seen = runs.observe("threads.create", answer().response, abort.signal);
    await seen.body?.getReader().cancel();
    abort.abort();
    await settle();
    expect(requests).toEqual([CANCEL]);
  });

  it("leaves an answer alone that came to its end", async () => {
    const { runs, requests } = setUp();
    const abort = new AbortController();
    const { response, finish } = answer();
    finish();
    expect(await runs.observe("threads.create", response, abort.signal).text()).toBe("data: 1\n\ndata: 2\n\ndata: 3\n\n");
    abort.abort();
    await settle();
    expect(requests).toEqual([]);
  });

  it("does not take leaving the page for a wish to stop", async () => {
    const { runs, requests, page } = setUp();
    const abort = new AbortController();
    runs.observe("threads.create", answer().response, abort.signal);
    page.dispatchEvent(new Event("pagehide"));
    abort.abort();
    await settle();
    expect(requests).toEqual([]);
  });

  it("does not take changing the thread for a wish to stop", async () => {
    const { runs, requests } = setUp();
    const abort = new AbortController();
    runs.observe("threads.create", answer().response, abort.signal);
    abort.abort();
    runs.threadChanged();
    await settle();
    expect(requests).toEqual([]);
  });

  it("cannot stop what has no name", async () => {
    const { runs, requests } = setUp();
    const abort = new AbortController();
    const { response } = answer(null);
    expect(runs.observe("threads.create", response, abort.signal)).toBe(response);
    abort.abort();
    await settle();
    expect(requests).toEqual([]);
  });
});

describe("an answer that is being written when a thread is opened", () => {
  it("is followed to its end and then shown", async () => {
    const { runs, requests, fetchUpdates, answers } = setUp();
    const { response, finish } = answer();
    answers.push(response);
    runs.observe("threads.get_by_id", Response.json({}, { headers: { "x-chatkit-run-id": "run_1" } }), null);
    await settle();
    expect(requests).toEqual(["GET /api/chatkit/runs/run_1/events?tenant=acme&after=0"]);
    expect(fetchUpdates).not.toHaveBeenCalled();
    finish();
    await settle();
    expect(fetchUpdates).toHaveBeenCalledOnce();
  });

  it("is not followed when this page streams it already", async () => {
    const { runs, requests } = setUp();
    runs.observe("threads.create", answer().response, null);
    runs.observe("threads.get_by_id", Response.json({}, { headers: { "x-chatkit-run-id": "run_1" } }), null);
    await settle();
    expect(requests).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { ApiClient } from "../../src/client/protocol/api";
import { ApiError } from "../../src/client/protocol/errors";
import type { ThreadStreamEvent } from "../../src/client/protocol/types";
import { RecordedApi, type Recording } from "../../src/viewer/recording";

const thread = { id: "thr_1", created_at: "2026-01-01T00:00:00Z", status: { type: "active" }, metadata: {} } as Recording["thread"];
const note = (text: string) => ({ type: "progress_update", text }) as ThreadStreamEvent;

function recorded(events: [number, ThreadStreamEvent][] | null) {
  const api = new RecordedApi({ thread, items: [], run: events && { id: "run_1", events } });
  return { api, client: new ApiClient(() => ({ url: "/", locale: "en", fetch: api.fetch })) };
}

async function seen(client: ApiClient): Promise<unknown[]> {
  const found = [];
  for await (const { data } of (await client.attach("run_1", 0)).frames) found.push(JSON.parse(data));
  return found;
}

describe("RecordedApi", () => {
  it("names the run that is shown again, and gives its events in their time", async () => {
    const { api, client } = recorded([[0, note("a")], [60, note("b")]]);
    expect((await client.call("threads.get_by_id", { thread_id: "thr_1" })).runId).toBe("run_1");
    const began = performance.now();
    expect(await seen(client)).toEqual([note("a"), note("b")]);
    expect(performance.now() - began).toBeGreaterThan(50);
    api.speed = Infinity;
    expect(await seen(client)).toHaveLength(2);
  });

  it("runs no tool of a page, and offers no second try", async () => {
    const tool = { type: "thread.item.done", item: { type: "client_tool_call" } } as unknown as ThreadStreamEvent;
    const error = { type: "error", code: "custom", message: "No.", allow_retry: true } as ThreadStreamEvent;
    expect(await seen(recorded([[0, tool], [0, error]]).client)).toEqual([{ ...error, allow_retry: false }]);
  });

  it("refuses everything else", async () => {
    const { client } = recorded(null);
    expect((await client.call("threads.get_by_id", { thread_id: "thr_1" })).runId).toBeNull();
    await expect(client.call("threads.delete", { thread_id: "thr_1" })).rejects.toBeInstanceOf(ApiError);
    await expect(client.cancel("run_1")).rejects.toBeInstanceOf(ApiError);
  });
});

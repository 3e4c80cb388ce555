import { beforeEach, describe, expect, it } from "vitest";
import { ChatController } from "../../src/client/controller/chat";
import type { Host } from "../../src/client/controller/host";
import { translator } from "../../src/client/i18n";
import type { Options } from "../../src/client/options/validate";
import { ApiClient } from "../../src/client/protocol/api";
import type { ThreadStreamEvent, UserMessageInput } from "../../src/client/protocol/types";
import { answered, asked, item, thread } from "./factory";

type Body = { type: string; params: Record<string, unknown> };

let sent: Body[];
let events: [string, unknown][];
let spoken: string[];
let answer: (body: Body) => Response;
let options: Options;
let chat: ChatController;

const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });
const sse = (...frames: ThreadStreamEvent[]) =>
  new Response(frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join(""));

const input: UserMessageInput = {
  content: [{ type: "input_text", text: "Hello" }],
  attachments: [],
  inference_options: {},
};

beforeEach(() => {
  sent = [];
  events = [];
  spoken = [];
  options = { api: { url: "/api/chatkit", domainKey: "x" } };
  const host: Host = {
    get options() {
      return options;
    },
    strings: translator("en"),
    changed: () => undefined,
    announce: (text) => void spoken.push(text),
    emit: (name: string, ...detail: unknown[]) => void events.push([name, detail[0]]),
  };
  const fakeFetch: typeof fetch = async (_url, init) => {
    const body = JSON.parse(String(init?.body)) as Body;
    sent.push(body);
    return answer(body);
  };
  chat = new ChatController(new ApiClient(() => ({ url: "/api/chatkit", fetch: fakeFetch, locale: "en" })), host);
});

const names = () => events.map(([name]) => name);
const send = () => chat.send(input, [], () => undefined);

describe("sending", () => {
  it("creates a thread with the first message and adds the next one to it", async () => {
    answer = () =>
      sse(
        { type: "thread.created", thread: thread() },
        { type: "thread.item.done", item: asked("u") },
        { type: "thread.item.done", item: answered("a", "Hi") },
      );
    expect(await send()).toBe(true);
    expect(chat.threadId).toBe("thr_1");
    expect(chat.state.items.map(({ id }) => id)).toEqual(["u", "a"]);
    expect(names()).toEqual(["chatkit.response.start", "chatkit.thread.change", "open.message", "chatkit.response.end"]);
    answer = () => sse({ type: "thread.item.done", item: asked("u2") });
    await send();
    expect(sent.map(({ type }) => type)).toEqual(["threads.create", "threads.add_user_message"]);
    expect(sent[1]?.params["thread_id"]).toBe("thr_1");
  });

  it("tells the page of a message once the server has it, and of no other's", async () => {
    answer = () => {
      expect(names()).not.toContain("open.message");
      const taken = { ...asked("u"), attachments: [{ type: "file" as const, id: "f", name: "a", mime_type: "b" }], quoted_text: "words" };
      return sse(
        { type: "thread.created", thread: thread() },
        { type: "thread.item.done", item: taken },
        { type: "thread.item.done", item: asked("of-another-tab") },
      );
    };
    await send();
    expect(events.filter(([name]) => name === "open.message").map(([, detail]) => detail)).toEqual([
      {
        threadId: "thr_1",
        itemId: "u",
        content: [{ type: "input_text", text: "Hello" }],
        attachments: [{ type: "file", id: "f", name: "a", mime_type: "b" }],
        reply: "words",
      },
    ]);
  });

  it.each([
    [409, "run_in_progress", "Another answer is still being written."],
    [429, "rate_limited", "Slow down"],
    [500, "boom", "Slow down"],
  ])("gives the message back when the server refuses it with %i %s", async (status, code, message) => {
    answer = () => json({ error: { code, message: "Slow down", hint: "Soon" } }, status);
    expect(await send()).toBe(false);
    expect(chat.state.items).toEqual([]);
    expect(chat.problem?.message).toBe(message);
    expect(chat.busy).toBe(false);
  });

  it("shows where to sign in, when the hint is a path of this site", async () => {
    const refuse = (hint: string) => () => json({ error: { code: "login_required", hint } }, 401);
    answer = refuse("Sign in at /accounts/login/?next=/chat");
    await send();
    expect(chat.problem?.signInUrl).toBe("/accounts/login/?next=/chat");
    answer = refuse("//evil.example/login");
    await send();
    expect(chat.problem?.signInUrl).toBeUndefined();
  });

  it("does not send while an answer is being written", async () => {
    answer = () => sse({ type: "thread.item.done", item: asked("u") });
    const first = send();
    expect(await send()).toBe(false);
    expect(await first).toBe(true);
    expect(sent).toHaveLength(1);
  });

  it("offers to answer again after an error in the stream", async () => {
    answer = () =>
      sse(
        { type: "thread.created", thread: thread() },
        { type: "thread.item.done", item: asked("u") },
        { type: "error", code: "custom", message: "The kitchen is closed.", allow_retry: true },
      );
    expect(await send()).toBe(true);
    expect(chat.problem?.message).toBe("The kitchen is closed.");
    expect(names()).toContain("chatkit.error");
    answer = () => sse({ type: "thread.item.done", item: answered("a", "Hi") });
    chat.problem?.retry?.();
    expect(sent.at(-1)).toMatchObject({ type: "threads.retry_after_item", params: { item_id: "u" } });
  });
});

describe("what is read out", () => {
  it.each([
    ["Hi", "Answer: Hi"],
    ["stone ".repeat(500), `Answer: ${"stone ".repeat(166)}…`],
    ["石".repeat(2000), `Answer: ${"石".repeat(1000)} …`],
  ])("is the answer, once, and not all of a long one", async (text, words) => {
    answer = () =>
      sse(
        { type: "thread.created", thread: thread() },
        { type: "thread.item.done", item: asked("u") },
        { type: "thread.item.added", item: answered("a", text.slice(0, 1)) },
        { type: "thread.item.done", item: answered("a", text) },
      );
    await send();
    expect(spoken).toEqual([words]);
  });
});

describe("client tools", () => {
  const call = item("client_tool_call", { status: "pending", call_id: "c", name: "add", arguments: { a: 1 } }, "tc");
  const script = () => {
    answer = ({ type }) =>
      type === "threads.create"
        ? sse({ type: "thread.created", thread: thread() }, { type: "thread.item.done", item: call })
        : sse(
            { type: "thread.item.replaced", item: { ...call, status: "completed" } },
            { type: "thread.item.done", item: answered("a", "Two") },
          );
  };

  it("are called, and their result goes back", async () => {
    script();
    options.onClientTool = async ({ name, params }) => ({ name, sum: Number(params["a"]) + 1 });
    await send();
    expect(sent[1]).toEqual({
      type: "threads.add_client_tool_output",
      params: { thread_id: "thr_1", result: { name: "add", sum: 2 } },
    });
    expect(names().filter((name) => name === "chatkit.response.end")).toHaveLength(1);
  });

  it("that fail or are missing answer with an error", async () => {
    script();
    options.onClientTool = () => {
      throw new Error("no");
    };
    await send();
    expect(sent[1]?.params["result"]).toEqual({ error: "no" });
  });

  it("that the server keeps asking for do not loop", async () => {
    options.onClientTool = () => ({});
    answer = () => sse({ type: "thread.created", thread: thread() }, { type: "thread.item.done", item: call });
    await send();
    expect(sent).toHaveLength(2);
  });
});

describe("opening a thread", () => {
  it("takes the newest items when there are more than one page", async () => {
    answer = ({ type }) =>
      type === "threads.get_by_id"
        ? json(thread({ items: { data: [asked("old")], has_more: true } }))
        : json({ data: [answered("new", "x"), asked("mid")], has_more: true });
    await chat.open("thr_1");
    expect(chat.state.items.map(({ id }) => id)).toEqual(["mid", "new"]);
    expect(chat.state.hasOlder).toBe(true);
    expect(names()).toEqual(["chatkit.thread.change", "chatkit.thread.load.start", "chatkit.thread.load.end"]);
    answer = () => json({ data: [asked("old")], has_more: false });
    await chat.loadOlder();
    expect(sent.at(-1)?.params).toMatchObject({ after: "mid", order: "desc" });
    expect(chat.state.items.map(({ id }) => id)).toEqual(["old", "mid", "new"]);
  });

  it("starts afresh when a thread is gone, and says so", async () => {
    answer = () => json({ error: { code: "not_found" } }, 404);
    await chat.open("thr_gone");
    expect(chat.threadId).toBeNull();
    expect(chat.problem?.message).toBe("This conversation no longer exists.");
  });

  it("drops what comes late for a thread that was left", async () => {
    answer = () => json(thread({ items: { data: [asked("u")], has_more: false } }));
    const first = chat.open("thr_1");
    await chat.open(null);
    await first;
    expect(chat.state.items).toEqual([]);
    expect(chat.threadId).toBeNull();
  });
});

import { describe, expect, it } from "vitest";
import type { ItemUpdate, ThreadItem, ThreadStreamEvent } from "../../src/client/protocol/types";
import { emptyState, localItemId, type ThreadState } from "../../src/client/state/model";
import { applyEvent, endTurn, loadThread, prependOlder, startTurn, truncateAfter } from "../../src/client/state/reducer";
import { unknownPart } from "../../src/client/state/unknown";
import { answered, asked, item, thread } from "./factory";

const after = (events: ThreadStreamEvent[], from: ThreadState = emptyState) => events.reduce(applyEvent, from);
const updated = (start: ThreadItem, ...updates: ItemUpdate[]) =>
  after([
    { type: "thread.item.added", item: start },
    ...updates.map((update) => ({ type: "thread.item.updated" as const, item_id: start.id, update })),
  ]).items[0];

describe("thread events", () => {
  it("take over the thread without its items", () => {
    const state = after([{ type: "thread.created", thread: thread({ items: { data: [], has_more: false } }) }]);
    expect(state.thread).toMatchObject({ id: "thr_1", title: "A thread" });
    expect(state.thread).not.toHaveProperty("items");
    expect(applyEvent(state, { type: "thread.updated", thread: thread({ title: "New" }) }).thread?.title).toBe("New");
  });
});

describe("item events", () => {
  it("keep an added item open until it is done", () => {
    let state = after([{ type: "thread.item.added", item: answered("a") }]);
    expect(state.openItems.has("a")).toBe(true);
    state = applyEvent(state, { type: "thread.item.done", item: answered("a", "Done") });
    expect(state.openItems.has("a")).toBe(false);
    expect(state.items).toHaveLength(1);
  });

  it("replace an item that is known, in its place", () => {
    const state = after([
      { type: "thread.item.done", item: answered("a", "one") },
      { type: "thread.item.done", item: answered("b", "two") },
      { type: "thread.item.replaced", item: answered("a", "three") },
    ]);
    expect(state.items.map((entry) => entry.id)).toEqual(["a", "b"]);
    expect(state.items[0]).toMatchObject({ content: [{ text: "three" }] });
  });

  it("replaying a run over its loaded items gives the same items", () => {
    const run: ThreadStreamEvent[] = [
      { type: "thread.item.done", item: asked("u") },
      { type: "thread.item.added", item: answered("a") },
      {
        type: "thread.item.updated",
        item_id: "a",
        update: { type: "assistant_message.content_part.text_delta", content_index: 0, delta: "Hi" },
      },
      { type: "thread.item.done", item: answered("a", "Hi") },
    ];
    const once = after(run);
    expect(after(run, once).items).toEqual(once.items);
  });

  it("remove an item", () => {
    const state = after([
      { type: "thread.item.added", item: answered("a") },
      { type: "thread.item.removed", item_id: "a" },
    ]);
    expect(state.items).toEqual([]);
    expect(state.openItems.size).toBe(0);
  });

  it("let the confirmed message take the place and the key of the local one", () => {
    const local = localItemId();
    const state = after([{ type: "thread.item.done", item: asked("u") }], { ...emptyState, items: [asked(local)] });
    expect(state.items).toMatchObject([{ id: "u", local_key: local }]);
  });
});

describe("updates", () => {
  it("add parts, text, annotations and the final part to an answer", () => {
    const annotation = { type: "annotation" as const, source: { type: "url" as const, url: "https://a.example/" }, index: 2 };
    const result = updated(
      answered("a"),
      {
        type: "assistant_message.content_part.added",
        content_index: 0,
        content: { type: "output_text", text: "", annotations: [] },
      },
      { type: "assistant_message.content_part.text_delta", content_index: 0, delta: "Hel" },
      { type: "assistant_message.content_part.text_delta", content_index: 0, delta: "lo" },
      { type: "assistant_message.content_part.annotation_added", content_index: 0, annotation_index: 0, annotation },
    );
    expect(result).toMatchObject({ content: [{ text: "Hello", annotations: [annotation] }] });
    const done = updated(answered("a", "x"), {
      type: "assistant_message.content_part.done",
      content_index: 0,
      content: { type: "output_text", text: "final", annotations: [] },
    });
    expect(done).toMatchObject({ content: [{ text: "final" }] });
  });

  it("pad the parts that were never announced", () => {
    const result = updated(answered("a"), {
      type: "assistant_message.content_part.text_delta",
      content_index: 2,
      delta: "third",
    });
    expect(result).toMatchObject({ content: [{ text: "" }, { text: "" }, { text: "third" }] });
  });

  it("change widgets: root, one component, streamed text", () => {
    const widget = { type: "Card", children: [{ type: "Row", children: { type: "Text", id: "t", value: "a" } }] };
    const start = item("widget", { widget });
    expect(updated(start, { type: "widget.root.updated", widget: { type: "Basic" } })).toMatchObject({
      widget: { type: "Basic" },
    });
    expect(
      updated(start, { type: "widget.component.updated", component_id: "t", component: { type: "Badge", label: "x" } }),
    ).toMatchObject({ widget: { children: [{ children: { type: "Badge" } }] } });
    expect(
      updated(start, { type: "widget.streaming_text.value_delta", component_id: "t", delta: "bc", done: false }),
    ).toMatchObject({ widget: { children: [{ children: { value: "abc", streaming: true } }] } });
  });

  it("add and change workflow tasks", () => {
    const start = item("workflow", { workflow: { type: "custom", tasks: [] } });
    const result = updated(
      start,
      { type: "workflow.task.added", task_index: 0, task: { type: "custom", title: "one" } },
      { type: "workflow.task.added", task_index: 1, task: { type: "thought", content: "two" } },
      { type: "workflow.task.updated", task_index: 0, task: { type: "custom", title: "done" } },
    );
    expect(result).toMatchObject({ workflow: { tasks: [{ title: "done" }, { content: "two" }] } });
  });

  it("show an image while it is generated", () => {
    const result = updated(item("generated_image", {}), {
      type: "generated_image.updated",
      image: { id: "i", url: "/i.png" },
      progress: 0.5,
    });
    expect(result).toMatchObject({ image: { url: "/i.png" }, progress: 0.5 });
  });

  it("that do not fit their item change nothing", () => {
    const state = after([{ type: "thread.item.added", item: answered("a") }]);
    const event: ThreadStreamEvent = {
      type: "thread.item.updated",
      item_id: "a",
      update: { type: "widget.root.updated", widget: { type: "Card" } },
    };
    expect(applyEvent(state, event)).toBe(state);
    expect(unknownPart(state, state, event)).toEqual({ event: event.type, update: "widget.root.updated" });
  });
});

describe("events about the turn", () => {
  it("set what may be cancelled, progress, notices and faults", () => {
    const state = after([
      { type: "stream_options", stream_options: { allow_cancel: false } },
      { type: "progress_update", text: "Searching", icon: "search" },
      { type: "notice", level: "info", message: "Hi" },
      { type: "error", code: "custom", message: "No", allow_retry: true },
    ]);
    expect(state).toMatchObject({
      allowCancel: false,
      progress: { text: "Searching" },
      notices: [{ level: "info", message: "Hi" }],
      fault: { code: "custom", message: "No", allowRetry: true },
    });
    expect(startTurn(state)).toMatchObject({ allowCancel: true, progress: null, notices: [], fault: null });
  });

  it("progress ends with the next item", () => {
    const state = after([
      { type: "progress_update", text: "Searching" },
      { type: "thread.item.added", item: answered("a") },
    ]);
    expect(state.progress).toBeNull();
    expect(endTurn(state).openItems.size).toBe(0);
  });

  it("client effects change nothing", () => {
    expect(applyEvent(emptyState, { type: "client_effect", name: "x" })).toBe(emptyState);
  });
});

describe("what is not known", () => {
  it.each([
    [{ type: "thread.shared" }, { event: "thread.shared" }],
    [
      { type: "thread.item.done", item: { ...asked("x"), type: "hologram" } },
      { event: "thread.item.done", item: "hologram" },
    ],
  ])("is ignored and named: %o", (raw, name) => {
    const event = raw as unknown as ThreadStreamEvent;
    const state = applyEvent(emptyState, event);
    expect(state).toBe(emptyState);
    expect(unknownPart(emptyState, state, event)).toEqual(name);
  });

  it("is left out of loaded items", () => {
    const unknown = { ...asked("x"), type: "hologram" } as unknown as ThreadItem;
    expect(loadThread(thread(), [asked("u"), unknown], false).items).toHaveLength(1);
  });
});

describe("pages", () => {
  it("older items come in above, none twice", () => {
    const state = loadThread(thread(), [asked("c"), answered("d", "x")], true);
    const older = prependOlder(state, [asked("a"), asked("c")], false);
    expect(older.items.map((entry) => entry.id)).toEqual(["a", "c", "d"]);
    expect(older.hasOlder).toBe(false);
  });

  it("retrying drops what comes after", () => {
    const state = loadThread(thread(), [asked("a"), answered("b", "x"), asked("c")], false);
    expect(truncateAfter(state, "a").items.map((entry) => entry.id)).toEqual(["a"]);
    expect(truncateAfter(state, "nope")).toBe(state);
  });
});

// Options that answer for the server: a thread with all that answers are made of, and a turn that stays in the middle of its answer.
() => {
  const element = document.querySelector("openai-chatkit");
  const about = { thread_id: "thr_1", created_at: "2026-01-01T00:00:00Z" };
  let count = 0;
  const item = (type, rest) => ({ ...about, type, id: `itm_${count++}`, ...rest });
  const asked = (text, rest) => item("user_message", { content: [{ type: "input_text", text }], attachments: [], ...rest });
  const said = (text, annotations) => item("assistant_message", { content: [{ type: "output_text", text, annotations }] });
  const cited = (source, index) => ({ type: "annotation", source, index });

  const url = { type: "url", url: "https://example.com/boots", title: "All about boots", attribution: "example.com" };
  const file = { type: "file", filename: "returns.md", title: "Returns" };
  const entity = { type: "entity", id: "tent", title: "A tent", icon: "cube", interactive: true, data: {} };
  const done = { status_indicator: "complete" };
  const tasks = [
    { type: "thought", title: "Weighing", content: "Light boots, or **stiff** ones?", ...done },
    { type: "web_search", title: "Looking around", queries: ["boots", "snow"], sources: [url], ...done },
    { type: "file", title: "Reading", sources: [file], ...done },
    { type: "custom", title: "Packing", icon: "suitcase", status_indicator: "loading" },
  ];
  const skipped = { type: "freeform", id: "q", question: "Where to?", answer: { values: [], skipped: true } };
  const data = [
    asked("Which boots?", {
      quoted_text: "Snow lies on the north side.",
      attachments: [{ type: "file", id: "a", name: "list.pdf", mime_type: "application/pdf" }],
    }),
    item("workflow", { workflow: { type: "reasoning", tasks, summary: { duration: 12 }, expanded: true } }),
    item("task", { task: tasks[0] }),
    said("Stiff ones. Take a tent, too.", [cited(url, 11), cited(file, 11), cited(entity, 28)]),
    item("structured_input", { status: "skipped", inputs: [skipped] }),
  ];
  const thread = { ...about, id: "thr_1", title: "Boots", status: { type: "active" }, items: { data, has_more: false } };

  const answer = said("", []);
  const delta = { type: "assistant_message.content_part.text_delta", content_index: 0, delta: "It is deep" };
  const notice = (level) => ({ type: "notice", level, title: `A word of ${level}`, message: "Mind the **snow**." });
  const frames = [
    { type: "thread.item.done", item: asked("And the snow?") },
    notice("info"),
    notice("warning"),
    notice("danger"),
    { type: "thread.item.added", item: answer },
    { type: "thread.item.updated", item_id: answer.id, update: delta },
  ];
  const bytes = new TextEncoder().encode(frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join(""));
  const stream = () => new Response(new ReadableStream({ start: (body) => body.enqueue(bytes) }));
  const fetch = async (_, { body }) => (JSON.parse(body).type === "threads.get_by_id" ? Response.json(thread) : stream());
  element.setOptions({ ...element.options, entities: { onClick() {} }, api: { ...element.options.api, fetch } });
  return element.setThreadId("thr_1");
};

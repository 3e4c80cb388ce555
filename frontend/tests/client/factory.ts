import type { AssistantMessageItem, Thread, ThreadItem, UserMessageItem } from "../../src/client/protocol/types";

const base = { thread_id: "thr_1", created_at: "2026-01-01T00:00:00Z" };

export const thread = (patch: Partial<Thread> = {}): Thread => ({
  id: "thr_1",
  title: "A thread",
  created_at: base.created_at,
  status: { type: "active" },
  ...patch,
});

export const asked = (id: string, text = "Hello"): UserMessageItem => ({
  ...base,
  id,
  type: "user_message",
  content: [{ type: "input_text", text }],
});

export const answered = (id: string, text = ""): AssistantMessageItem => ({
  ...base,
  id,
  type: "assistant_message",
  content: text ? [{ type: "output_text", text, annotations: [] }] : [],
});

export const item = <T extends ThreadItem["type"]>(
  type: T,
  fields: Omit<Extract<ThreadItem, { type: T }>, "type" | "id" | "thread_id" | "created_at">,
  id = "itm_1",
) => ({ ...base, id, type, ...fields }) as unknown as Extract<ThreadItem, { type: T }>;

import type { ApiClient } from "../protocol/api";
import type { Thread, ThreadItem } from "../protocol/types";

const PAGE = 30;

export interface LoadedThread {
  thread: Thread;
  /** The latest ones, oldest first. */
  items: ThreadItem[];
  hasOlder: boolean;
  /** Names the run that is writing in the thread, if one is. */
  runId: string | null;
}

/** A thread with its latest items. */
export async function loadLatest(api: ApiClient, threadId: string): Promise<LoadedThread> {
  const { reply: thread, runId } = await api.call("threads.get_by_id", { thread_id: threadId });
  if (!thread.items?.has_more) return { thread, items: thread.items?.data ?? [], hasOlder: false, runId };
  // The first page holds the oldest items; a conversation is read from its end.
  const { reply } = await api.call("items.list", { thread_id: threadId, limit: PAGE, order: "desc" });
  return { thread, items: reply.data.reverse(), hasOlder: reply.has_more, runId };
}

/** The items before one of a thread, oldest first. */
export async function loadBefore(api: ApiClient, threadId: string, itemId: string) {
  const { reply } = await api.call("items.list", { thread_id: threadId, limit: PAGE, order: "desc", after: itemId });
  return { items: reply.data.reverse(), hasOlder: reply.has_more && reply.data.length > 0 };
}

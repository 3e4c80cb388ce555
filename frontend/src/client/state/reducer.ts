import type { Thread, ThreadItem, ThreadStreamEvent } from "../protocol/types";
import { applyItemUpdate } from "./item-updates";
import { emptyState, isLocalItem, keyOf, type ThreadState } from "./model";

const KNOWN_ITEMS = new Set<string>([
  "user_message",
  "assistant_message",
  "client_tool_call",
  "widget",
  "generated_image",
  "structured_input",
  "workflow",
  "task",
  "end_of_turn",
]);

export const isKnownItem = (item: ThreadItem) => KNOWN_ITEMS.has(item.type);

function withoutItems(thread: Thread): Omit<Thread, "items"> {
  const own = { ...thread };
  delete own.items;
  return own;
}

/** Puts an item in its place: where it already is, in place of its unconfirmed copy, or at the end. */
function upsert(items: readonly ThreadItem[], item: ThreadItem): readonly ThreadItem[] {
  let at = items.findLastIndex((known) => known.id === item.id);
  if (at < 0 && item.type === "user_message") at = items.findIndex(isLocalItem);
  const before = items[at];
  if (!before) return [...items, item];
  // A confirmed message keeps the key it was drawn under, so that it is not drawn anew.
  const key = keyOf(before);
  return items.with(at, key === item.id ? item : { ...item, local_key: key } as ThreadItem);
}

function setOpen(state: ThreadState, id: string, open: boolean): ReadonlySet<string> {
  if (state.openItems.has(id) === open) return state.openItems;
  const next = new Set(state.openItems);
  if (open) next.add(id);
  else next.delete(id);
  return next;
}

/**
 * The state after one event of a stream. Returns the same object when the event changes nothing
 * that is shown; events and items of unknown kinds are among those.
 *
 * Applying is idempotent by item id, so a run can be replayed from its start over loaded items.
 */
export function applyEvent(state: ThreadState, event: ThreadStreamEvent): ThreadState {
  switch (event.type) {
    case "thread.created":
    case "thread.updated":
      return { ...state, thread: withoutItems(event.thread) };
    case "thread.item.added":
      if (!isKnownItem(event.item)) return state;
      return {
        ...state,
        items: upsert(state.items, event.item),
        openItems: setOpen(state, event.item.id, true),
        progress: null,
      };
    case "thread.item.done":
    case "thread.item.replaced":
      if (!isKnownItem(event.item)) return state;
      return {
        ...state,
        items: upsert(state.items, event.item),
        openItems: setOpen(state, event.item.id, false),
        progress: event.item.type === "user_message" ? state.progress : null,
      };
    case "thread.item.updated": {
      const at = state.items.findLastIndex((item) => item.id === event.item_id);
      const item = state.items[at];
      const next = item && applyItemUpdate(item, event.update);
      return next ? { ...state, items: state.items.with(at, next) } : state;
    }
    case "thread.item.removed":
      if (!state.items.some((item) => item.id === event.item_id)) return state;
      return {
        ...state,
        items: state.items.filter((item) => item.id !== event.item_id),
        openItems: setOpen(state, event.item_id, false),
      };
    case "stream_options":
      return { ...state, allowCancel: event.stream_options?.allow_cancel !== false };
    case "progress_update":
      return { ...state, progress: { text: event.text, icon: event.icon } };
    case "notice":
      return {
        ...state,
        notices: [
          ...state.notices,
          { level: event.level, message: event.message, title: event.title },
        ],
      };
    case "error":
      return {
        ...state,
        fault: {
          code: event.code,
          message: event.message ?? "",
          allowRetry: event.allow_retry ?? false,
        },
      };
    default:
      return state;
  }
}

/** A turn begins: what the last one left behind goes. */
export const startTurn = (state: ThreadState): ThreadState => ({
  ...state,
  allowCancel: true,
  progress: null,
  notices: [],
  fault: null,
});

/** A turn ended, however it did: nothing is being written any more. */
export const endTurn = (state: ThreadState): ThreadState => ({
  ...state,
  progress: null,
  openItems: emptyState.openItems,
});

/** A thread as loaded, oldest item first. Of the same thread on screen, earlier items stay, and what is drawn keeps its key. */
export function loadThread(thread: Thread, items: ThreadItem[], hasOlder: boolean, before = emptyState): ThreadState {
  const known = before.thread?.id === thread.id ? before.items : [];
  const keys = new Map(known.map((item) => [item.id, keyOf(item)]));
  const loaded = items.filter(isKnownItem).map((item) => {
    const key = keys.get(item.id) ?? item.id;
    return key === item.id ? item : ({ ...item, local_key: key } as ThreadItem);
  });
  const overlap = known.findIndex((item) => item.id === loaded[0]?.id);
  const earlier = overlap > 0 ? known.slice(0, overlap) : [];
  return {
    ...emptyState,
    thread: withoutItems(thread),
    items: [...earlier, ...loaded],
    hasOlder: earlier.length ? before.hasOlder : hasOlder,
  };
}

export function prependOlder(
  state: ThreadState,
  older: ThreadItem[],
  hasOlder: boolean,
): ThreadState {
  const known = new Set(state.items.map((item) => item.id));
  const fresh = older.filter((item) => isKnownItem(item) && !known.has(item.id));
  return { ...state, items: [...fresh, ...state.items], hasOlder };
}

/** Drops everything after the given item, as the server does on retry. */
export function truncateAfter(state: ThreadState, itemId: string): ThreadState {
  const at = state.items.findIndex((item) => item.id === itemId);
  return at < 0 ? state : { ...state, items: state.items.slice(0, at + 1) };
}

import type { ThreadStreamEvent } from "../protocol/types";
import type { ThreadState } from "./model";
import { isKnownItem } from "./reducer";

const KNOWN_EVENTS = new Set<string>([
  "thread.created",
  "thread.updated",
  "thread.item.added",
  "thread.item.updated",
  "thread.item.done",
  "thread.item.removed",
  "thread.item.replaced",
  "stream_options",
  "progress_update",
  "client_effect",
  "error",
  "notice",
]);

/** Names what of an event this client did not understand, without its content; null when it did. */
export function unknownPart(
  before: ThreadState,
  after: ThreadState,
  event: ThreadStreamEvent,
): Record<string, string> | null {
  if (!KNOWN_EVENTS.has(event.type)) return { event: event.type };
  if ("item" in event && !isKnownItem(event.item)) return { event: event.type, item: event.item.type };
  if (event.type === "thread.item.updated" && before === after) {
    return { event: event.type, update: event.update.type };
  }
  return null;
}

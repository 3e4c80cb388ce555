import { keyOf } from "./model";
import type { ThreadItem, UserMessageItem } from "../protocol/types";

/** A user message with everything that answers it. The first turn of a thread may have no user message. */
export interface Turn {
  key: string;
  user: UserMessageItem | null;
  items: ThreadItem[];
}

/** Groups items (oldest first) into turns. Turns that did not change are taken over from `previous`. */
export function toTurns(items: readonly ThreadItem[], previous: readonly Turn[] = []): Turn[] {
  const turns: Turn[] = [];
  for (const item of items) {
    if (item.type === "user_message") {
      turns.push({ key: keyOf(item), user: item, items: [] });
      continue;
    }
    if (item.type === "end_of_turn") continue;
    let turn = turns.at(-1);
    if (!turn) turns.push((turn = { key: item.id, user: null, items: [] }));
    turn.items.push(item);
  }
  const before = new Map(previous.map((turn) => [turn.key, turn]));
  return turns.map((turn) => {
    const same = before.get(turn.key);
    return same && sameTurn(same, turn) ? same : turn;
  });
}

const sameTurn = (a: Turn, b: Turn) =>
  a.user === b.user &&
  a.items.length === b.items.length &&
  a.items.every((item, at) => item === b.items[at]);

/** What "Copy" puts on the clipboard for an answer: its Markdown. */
export function copyText(turn: Turn): string {
  const parts = turn.items.flatMap((item) => {
    if (item.type === "assistant_message") return item.content.map((part) => part.text);
    if (item.type === "widget") return item.copy_text ? [item.copy_text] : [];
    return [];
  });
  return parts.join("\n\n").trim();
}

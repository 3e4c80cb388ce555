import type { ThreadItem, UserMessageItem } from "../protocol/types";

/** A user message with everything that answers it. The first turn of a thread may have no user message. */
export interface Turn {
  key: string;
  user: UserMessageItem | null;
  items: ThreadItem[];
}

/** Groups items (oldest first) into turns. */
export function toTurns(items: readonly ThreadItem[]): Turn[] {
  const turns: Turn[] = [];
  for (const item of items) {
    if (item.type === "user_message") {
      turns.push({ key: item.id, user: item, items: [] });
      continue;
    }
    if (item.type === "end_of_turn") continue;
    let turn = turns.at(-1);
    if (!turn) turns.push((turn = { key: item.id, user: null, items: [] }));
    turn.items.push(item);
  }
  return turns;
}

/** What "Copy" puts on the clipboard for an answer: its Markdown. */
export function copyText(turn: Turn): string {
  const parts = turn.items.flatMap((item) => {
    if (item.type === "assistant_message") return item.content.map((part) => part.text);
    if (item.type === "widget") return item.copy_text ? [item.copy_text] : [];
    return [];
  });
  return parts.join("\n\n").trim();
}

/** What the page, and those who listen, are told of a turn. */
import { plainText } from "../markdown/plain";
import type { SentMessage } from "../../../package";
import type { ThreadItem, UserMessageItem } from "../protocol/types";
import { copyText, toTurns } from "../state/turns";

/** No more of an answer than anyone wants to have read out unasked. */
const MOST_SPOKEN = 1000;

/** The words of the latest answer; of a long one its beginning, without half a word at the end. */
export function spokenAnswer(items: readonly ThreadItem[]): string {
  const turn = toTurns(items).at(-1);
  const text = turn ? plainText(copyText(turn)) : "";
  return text.length <= MOST_SPOKEN ? text : `${text.slice(0, MOST_SPOKEN).replace(/\s+\S*$/, "")} …`;
}

export function sentMessage({ id, thread_id, content, attachments, quoted_text }: UserMessageItem): SentMessage {
  return {
    threadId: thread_id,
    itemId: id,
    content,
    attachments: attachments ?? [],
    ...(quoted_text ? { reply: quoted_text } : {}),
  };
}

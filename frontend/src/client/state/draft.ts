import type { Attachment, Entity, UserMessageContent } from "@openai/chatkit";
import type { Source, UserMessageInput } from "../protocol/types";

export type Tag = Extract<UserMessageContent, { type: "input_tag" }>;

/** What stands in the composer. Tags are written as `@text` within the text. */
export interface Draft {
  text: string;
  tags: readonly Tag[];
  quote: string;
  attachments: readonly Attachment[];
}

export const emptyDraft: Draft = { text: "", tags: [], quote: "", attachments: [] };

export const isEmptyDraft = (draft: Draft) => !draft.text.trim() && !draft.attachments.length;

const written = (tag: Tag) => `@${tag.text}`;

export function draftFromContent(content: readonly UserMessageContent[]): Pick<Draft, "text" | "tags"> {
  return {
    text: content.map((part) => (part.type === "input_tag" ? written(part) : part.text)).join(""),
    tags: content.filter((part) => part.type === "input_tag"),
  };
}

/** The draft with an entity in the place of what was typed to find it; without one, that part goes. */
export function withEntity(draft: Draft, { from, to }: { from: number; to: number }, entity: Entity | null): Draft {
  const { text } = draft;
  if (!entity) return { ...draft, text: text.slice(0, from) + text.slice(to) };
  const { id, title, group, interactive, data } = entity;
  const tag: Tag = {
    type: "input_tag",
    id,
    text: title,
    ...(group ? { group } : {}),
    ...(interactive === undefined ? {} : { interactive }),
    data: data ?? {},
  };
  return { ...draft, text: `${text.slice(0, from)}${written(tag)} ${text.slice(to)}`, tags: [...draft.tags, tag] };
}

/** Splits the text at the tags that still stand in it. */
export function contentOf(draft: Pick<Draft, "text" | "tags">): UserMessageContent[] {
  const text = draft.text.trim();
  const content: UserMessageContent[] = [];
  let from = 0;
  while (from < text.length) {
    let next: { at: number; tag: Tag } | null = null;
    for (const tag of draft.tags) {
      const at = text.indexOf(written(tag), from);
      if (at >= 0 && (!next || at < next.at)) next = { at, tag };
    }
    const until = next ? next.at : text.length;
    if (until > from) content.push({ type: "input_text", text: text.slice(from, until) });
    if (!next) break;
    content.push(next.tag);
    from = next.at + written(next.tag).length;
  }
  return content;
}

export function toInput(
  content: UserMessageContent[],
  extra: { attachments: readonly Attachment[]; quote: string; tool: string | null; model: string | null },
): UserMessageInput {
  return {
    content,
    attachments: extra.attachments.map((attachment) => attachment.id),
    ...(extra.quote ? { quoted_text: extra.quote } : {}),
    inference_options: {
      ...(extra.tool ? { tool_choice: { id: extra.tool } } : {}),
      ...(extra.model ? { model: extra.model } : {}),
    },
  };
}

/** The entity that a tag of a sent message stands for. */
export const entityOf = (tag: Tag): Entity => ({
  id: tag.id,
  title: tag.text,
  ...(tag.group ? { group: tag.group } : {}),
  ...(tag.interactive === undefined ? {} : { interactive: tag.interactive }),
  data: Object.fromEntries(Object.entries(tag.data ?? {}).map(([key, value]) => [key, String(value)])),
});

/** The entity that a source of an answer stands for. One that does not say so is not interactive, as ChatKit's servers mean it. */
export const entityOfSource = ({ id = "", title = "", icon, group, interactive = false, data }: Source): Entity => ({
  id,
  title,
  interactive,
  ...(icon ? { icon } : {}),
  ...(group ? { group } : {}),
  ...(data ? { data } : {}),
});

/** A text with words in the place of a part of it, with spaces around them where words would meet; and where the caret goes. */
export function withWords(text: string, words: string, from: number, to: number): { text: string; caret: number } {
  const before = text.slice(0, from);
  const after = text.slice(to);
  const written = `${before && !/\s$/.test(before) ? " " : ""}${words}${after && !/^\s/.test(after) ? " " : ""}`;
  return { text: before + written + after, caret: from + written.length };
}

"""Searching the conversations of one end user."""

from __future__ import annotations

from dataclasses import dataclass

from chat.context import ChatContext
from chat.stores.queries import owner
from chatplatform.lib.db_pool import fetch

MOST = 8
EXCERPT = 200
_NAMES = {"user_message": "the user", "assistant_message": "you"}


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found: its conversation, its day, who said it, and some of its words around what was looked for."""

    title: str
    day: str
    who: str
    excerpt: str


def find(query: str, except_thread: str, context: ChatContext) -> list[Hit]:
    """The newest messages with all words of ``query`` in the caller's other conversations with the assistant."""
    rows = fetch(
        """
        SELECT coalesce(t.title, ''), to_char(i.created_at, 'YYYY-MM-DD'), i.type, w.words
          FROM chat_thread t JOIN chat_threaditem i ON i.thread_id = t.id
          CROSS JOIN LATERAL (SELECT string_agg(part->>'text', ' ') AS words
                                FROM jsonb_array_elements(i.data->'content') part) w
         WHERE t.tenant_id = %s AND t.end_user_id = %s AND t.assistant_id = %s AND t.public_id <> %s
           AND i.type IN ('user_message', 'assistant_message') AND NOT i.is_hidden
           AND to_tsvector('simple', w.words) @@ plainto_tsquery('simple', %s)
         ORDER BY i.id DESC LIMIT %s""",
        (*owner(context), except_thread, query[:200], MOST),
    )
    return [Hit(title or "Untitled", day, _NAMES[kind], _excerpt(words, query)) for title, day, kind, words in rows]


def _excerpt(words: str, query: str) -> str:
    line = " ".join(words.split())
    first = query.split(maxsplit=1)[0].lower() if query.split() else ""
    at = max(line.lower().find(first) - EXCERPT // 4, 0)
    return ("…" if at else "") + line[at : at + EXCERPT] + ("…" if len(line) > at + EXCERPT else "")

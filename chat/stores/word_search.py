"""Finding messages by their words, of one tenant or of all, the newest first and in steps of a bounded size.

A word that half of all messages have is found as fast as one that nobody ever wrote.  The index has the messages in blocks: a
search reads the newest block first, then the next ones, until it has enough.  Where few have the words it reads all the rest at
once; where that takes long it goes on by blocks until the time is over.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

#: Messages of a search that are looked at, the newest first.
MOST_HITS: Final = 5_000
#: Seconds after which a search goes no further back.
PATIENCE: Final = 1.0
#: A block is so many keys: 2 to this power.  The index says which block a message is of.
_SHIFT: Final = 14
#: A step so wide is tried as one over all the rest, for so many milliseconds.
_RARE_FROM: Final = 4
_MOST_MS: Final = 300
#: A step that took longer is not followed by a wider one.
_LONG_STEP: Final = 0.1
_LARGEST_KEY: Final = 2**63 - 1
# The expression of the index threaditem_found, word for word.
_WORDS = (
    "(array_to_tsvector(ARRAY['tenant:' || tenant_id, 'block:' || (id >> 14)]) "
    "|| to_tsvector('simple', jsonb_path_query_array(data, '$.content[*].text')))"
)
# Materialised: else the planner may read messages from the newest on, until it has enough of a rare word.
_STEP = f"""
WITH hits AS MATERIALIZED (
    SELECT id, thread_id, created_at FROM chat_threaditem
     WHERE id < %s AND type IN ('user_message', 'assistant_message') AND NOT is_hidden AND NOT data ? 'interrupted'
       AND {_WORDS} @@ (%s::tsquery && websearch_to_tsquery('simple', %s)))
SELECT id, thread_id, created_at FROM hits ORDER BY id DESC LIMIT %s"""  # noqa: S608 - constants
# The sequence and not the rows: a tenant's newest message may be far from the newest of all.
_NEWEST = "SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('chat_threaditem', 'id')), 0)"


@dataclass
class Hits:
    """Threads with messages that have the words.

    ``until``: older messages than the one with this key were not looked at; 0 for none.  ``oldest`` is when the last one that was
    found was written.
    """

    threads: set[int] = field(default_factory=set)
    until: int = 0
    oldest: datetime | None = None


def search(words: str, tenant_id: int | None, before: int | None = None) -> Hits:
    """Those of a tenant; None is all of them, for whoever works inside `cross_tenant()`.  One query for each step.

    ``before`` is the key from which an earlier search told nothing: its `Hits.until`.
    """
    began, hits, left = time.monotonic(), Hits(), MOST_HITS
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        end = min(cursor.fetchone()[0] + 1, before or _LARGEST_KEY)
        width, is_tried = 1, False
        while end > 0 and left:
            step, first = time.monotonic(), max(0, ((end - 1) >> _SHIFT) - width + 1)
            rows = None
            if width >= _RARE_FROM and not is_tried:
                is_tried, rows = True, _all_before(cursor, end, tenant_id, words, left)
            if rows is not None:
                first = 0
            else:
                within = _within(tenant_id, range(first, ((end - 1) >> _SHIFT) + 1))
                cursor.execute(_STEP, (end, within, words, left))
                rows = cursor.fetchall()
            hits.threads.update(thread for _key, thread, _at in rows)
            left -= len(rows)
            end = first << _SHIFT
            if rows:
                hits.oldest = rows[-1][2]
                end = end if left else rows[-1][0]
            now = time.monotonic()
            if now - began > PATIENCE:
                break
            width = width * 2 if now - step < _LONG_STEP else width + 1
    hits.until = end
    return hits


def _all_before(cursor: Any, end: int, tenant_id: int | None, words: str, most: int) -> list[Any] | None:
    """All the rest at once, which is fast where few have the words; None when it took too long."""
    try:
        with transaction.atomic():
            cursor.execute("SET LOCAL statement_timeout = %s", (_MOST_MS,))
            cursor.execute(_STEP, (end, _within(tenant_id, range(0)), words, most))
            rows: list[Any] = cursor.fetchall()
            cursor.execute("SET LOCAL statement_timeout TO DEFAULT")
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
        return None
    return rows


def _within(tenant_id: int | None, blocks: range) -> str:
    """What a tsquery says of the tenant, and of the blocks where not all of them are meant."""
    parts = [] if tenant_id is None else [f"'tenant:{tenant_id}'"]
    if blocks:
        named = " | ".join(f"'block:{number}'" for number in blocks)
        parts.append(f"({named})")
    return " & ".join(parts)

"""How many of a tenant's chunks have a word: counted where there are few chunks, estimated from a sample where there are many."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from chatplatform.lib.db_pool import fetch

#: A tenant with more chunks is sampled: counting a common word would read all chunks that have it.
COUNTED_UP_TO = 2_000
#: Of a sample: so many places in the tenant's chunks, and so many chunks from each on.
_PLACES, _FROM_EACH = 20, 100
_REMEMBERED = 600.0


@dataclass(frozen=True, slots=True)
class Counts:
    """How many chunks there are, and how many of them have each word; a word that none has may be missing."""

    total: int
    chunks: dict[str, int]


def tenant_lexeme(tenant_id: int) -> str:
    """What stands among the words of each of a tenant's chunks.  No word of a text has a space in it."""
    return f"tenant {tenant_id}"


def quoted(lexeme: str) -> str:
    """A lexeme as a query of full-text search."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


#: Tenant -> until when it is remembered, how many chunks it has, and the words of its sample; no sample where it has few.
_samples: dict[int, tuple[float, int, dict[str, int] | None]] = {}


def counts_of(lexemes: Sequence[str], tenant_id: int) -> Counts:
    """The counts of these words.  One query; two more now and then, for a tenant with many chunks."""
    until, total, sample = _samples.get(tenant_id, (0.0, 0, None))
    if until < time.monotonic():
        total, sample = _look(tenant_id)
        if len(_samples) > 1_000:
            _samples.clear()
        if sample is not None:
            _samples[tenant_id] = (time.monotonic() + _REMEMBERED, total, sample)
    if sample is not None:
        scale = total / (_PLACES * _FROM_EACH)
        # What the sample does not know is rare, or not there at all.
        return Counts(total, {lexeme: max(round(sample.get(lexeme, 0.5) * scale), 1) for lexeme in lexemes})
    mine = quoted(tenant_lexeme(tenant_id))
    rows = fetch(
        """
        SELECT w.place, (SELECT count(*) FROM chat_chunk c WHERE c.search @@ w.query::tsquery AND c.tenant_id = %s)
          FROM unnest(%s::text[]) WITH ORDINALITY AS w(query, place)""",
        (tenant_id, [f"{mine} & {quoted(lexeme)}" for lexeme in lexemes]),
    )
    return Counts(total, {lexemes[place - 1]: count for place, count in rows})


def _look(tenant_id: int) -> tuple[int, dict[str, int] | None]:
    """How many chunks a tenant has, and a sample of its words if they are many."""
    ((few,),) = fetch(
        "SELECT count(*) FROM (SELECT 1 FROM chat_chunk WHERE tenant_id = %s LIMIT %s) few",
        (tenant_id, COUNTED_UP_TO + 1),
    )
    if few <= COUNTED_UP_TO:
        return few, None
    ((total, first, last),) = fetch(
        "SELECT count(*), min(id), max(id) FROM chat_chunk WHERE tenant_id = %s", (tenant_id,)
    )
    step = max((last - first) // _PLACES, 1)
    rows = fetch(
        """
        SELECT word.lexeme, count(*)::int FROM unnest(%s::bigint[]) AS place(id)
          CROSS JOIN LATERAL (SELECT search FROM chat_chunk WHERE tenant_id = %s AND id >= place.id ORDER BY id LIMIT %s) chunk
          CROSS JOIN LATERAL unnest(chunk.search) AS word
         GROUP BY word.lexeme HAVING count(*) > 1""",
        ([first + number * step for number in range(_PLACES)], tenant_id, _FROM_EACH),
    )
    return total, dict(rows)

"""The SQL of search: words, vectors, and what is shown of what was found.

Every statement names the tenant and the sources that may answer, and passes over versions of documents that do not answer.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.db import connection, transaction

from chat.knowledge import words
from chat.knowledge.scope import SearchScope
from chat.knowledge.words import quoted, tenant_lexeme
from chat.models.knowledge import INDEXED_DIMENSIONS
from chatplatform.lib.db_pool import fetch

#: An index with so many vectors is compared with one by one: exact, and faster than a graph in which most are other tenants'.
EXACT_UP_TO = 20_000
#: So many chunks are looked for by the words that say most; the other words only count in them.
COMMON = 4_000
#: Words of a question that are looked for.
MOST_WORDS = 24
#: How many passages each way of searching brings.
CANDIDATES = 50
#: What the graph may look at before it gives up.
_MOST_SCANNED = 200_000
#: How much an occurrence in the text counts beside one in the headings.
_WEIGHTS = "'{0.25, 0.25, 0.25, 1.0}'"
_REMEMBERED = 60.0
_LIVE = "JOIN chat_document d ON d.id = c.document_id AND d.version = c.version"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question as a query, and how much it says."""

    query: str
    chunks: int
    weight: float


@dataclass(frozen=True, slots=True)
class Index:
    """The vectors that answer for a tenant."""

    id: int
    provider: str
    model: str
    dimensions: int


@dataclass(frozen=True, slots=True)
class Base:
    """How a tenant's documents are searched; ``index`` is None before the first document."""

    language: str
    index: Index | None


@dataclass(frozen=True, slots=True)
class Found:
    """A chunk as it is shown.  ``covers``: how much of what the question says is in it, from 0 to 1."""

    chunk_id: int
    document_id: str
    document_title: str
    url: str
    kind: str
    title: str
    text: str
    page: int
    start: int
    end: int
    covers: float


def base_of(tenant_id: int) -> Base | None:
    """One query; None where nothing was ever taught."""
    rows = fetch(
        """
        SELECT b.words_language, i.id, i.provider, i.model, i.dimensions
          FROM chat_knowledgebase b
          LEFT JOIN chat_embeddingindex i ON i.id = b.index_id AND i.tenant_id = b.tenant_id
         WHERE b.tenant_id = %s""",
        (tenant_id,),
    )
    if not rows:
        return None
    language, *index = rows[0]
    return Base(language, Index(*index) if index[0] is not None else None)


def words_of(question: str, language: str, tenant_id: int) -> list[Word]:
    """The words of a question with their weights: those that few chunks have weigh most.  One or two queries."""
    rows = fetch(
        "SELECT w.lexeme FROM unnest(to_tsvector(%s::text::regconfig, %s)) w ORDER BY w.positions[1] LIMIT %s",
        (language, question[:4_000], MOST_WORDS),
    )
    lexemes = [lexeme for (lexeme,) in rows]
    counts = words.counts_of(lexemes, tenant_id)
    total = max(counts.total, 1)
    return [
        Word(quoted(lexeme), count, math.log(1 + (total - count + 0.5) / (count + 0.5)))
        for lexeme, count in ((lexeme, min(counts.chunks.get(lexeme, 0), total)) for lexeme in lexemes)
    ]


def by_words(asked: Sequence[Word], scope: SearchScope, limit: int = CANDIDATES) -> list[int]:
    """The chunks that say most of the words, the best first.  One query."""
    known = sorted((word for word in asked if word.chunks), key=lambda word: word.chunks)
    if not known:
        return []
    chunks = accumulate(word.chunks for word in known)
    rare = [word.query for word, count in zip(known, chunks, strict=True) if count < COMMON]
    wanted = " | ".join(rare) if rare else " & ".join(word.query for word in known)
    rows = fetch(
        f"""
        SELECT c.id, (SELECT sum(w.weight * ts_rank({_WEIGHTS}, c.search, w.query::tsquery, 1))
                        FROM unnest(%s::text[], %s::float8[]) AS w(query, weight)) AS score
          FROM chat_chunk c {_LIVE}
         WHERE c.search @@ %s::text::tsquery AND c.tenant_id = %s AND c.source_id = ANY(%s)
         ORDER BY score DESC, c.id LIMIT %s""",
        (
            [word.query for word in known],
            [word.weight for word in known],
            f"{quoted(tenant_lexeme(scope.tenant_id))} & ({wanted})",
            scope.tenant_id,
            list(scope.source_ids),
            limit,
        ),
    )
    return [chunk for chunk, _score in rows]


def by_vector(vector: str, index: Index, scope: SearchScope, limit: int = CANDIDATES) -> list[tuple[int, float]]:
    """The chunks nearest to a vector and their cosine similarities, the nearest first: two queries, in a transaction."""
    parameters = (vector, scope.tenant_id, index.id, list(scope.source_ids))
    if index.dimensions not in INDEXED_DIMENSIONS or is_small(index.id, scope.tenant_id):
        return fetch(
            f"""
            WITH mine AS MATERIALIZED (
              SELECT e.chunk_id, e.vector <=> %s::halfvec AS distance FROM chat_embedding e
               WHERE e.tenant_id = %s AND e.index_id = %s AND e.source_id = ANY(%s))
            SELECT c.id, 1 - m.distance FROM mine m JOIN chat_chunk c ON c.id = m.chunk_id {_LIVE}
             ORDER BY m.distance, c.id LIMIT %s""",
            (*parameters, limit),
        )
    kind = f"halfvec({index.dimensions})"
    with transaction.atomic(), connection.cursor() as cursor:
        # Goes on where the filter has left too few; without it, a tenant would find only what is near by chance.
        cursor.execute("SET LOCAL hnsw.iterative_scan = relaxed_order")
        cursor.execute(f"SET LOCAL hnsw.max_scan_tuples = {_MOST_SCANNED}")
        cursor.execute("SET LOCAL hnsw.ef_search = 200")
        cursor.execute(
            f"""
            WITH near AS MATERIALIZED (
              SELECT e.chunk_id, (e.vector::{kind}) <=> %s::{kind} AS distance FROM chat_embedding e
               WHERE e.tenant_id = %s AND e.index_id = %s AND e.source_id = ANY(%s) AND e.dimensions = {index.dimensions}
                 AND EXISTS (SELECT 1 FROM chat_chunk c {_LIVE} WHERE c.id = e.chunk_id)
               ORDER BY (e.vector::{kind}) <=> %s::{kind} LIMIT %s)
            SELECT chunk_id, 1 - distance FROM near ORDER BY distance, chunk_id""",
            (*parameters, vector, limit),
        )
        near: list[tuple[int, float]] = cursor.fetchall()
    return near


def shown(chunk_ids: Sequence[int], asked: Sequence[Word], scope: SearchScope) -> list[Found]:
    """These chunks, in this order.  One query."""
    rows = fetch(
        f"""
        SELECT c.id, d.public_id, d.title, d.url, s.kind, c.title, c.text, c.page, c.start, c."end",
               coalesce((SELECT sum(w.weight) FROM unnest(%s::text[], %s::float8[]) AS w(query, weight)
                          WHERE c.search @@ w.query::tsquery), 0)
          FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted(id, place)
          JOIN chat_chunk c ON c.id = wanted.id AND c.tenant_id = %s AND c.source_id = ANY(%s) {_LIVE}
          JOIN chat_knowledgesource s ON s.id = c.source_id
         ORDER BY wanted.place""",
        (
            [word.query for word in asked],
            [word.weight for word in asked],
            list(chunk_ids),
            scope.tenant_id,
            list(scope.source_ids),
        ),
    )
    total = sum(word.weight for word in asked) or 1.0
    return [Found(*(*row[:-1], row[-1] / total)) for row in rows]


#: Index -> until when it is remembered, and whether it is small.
_sizes: dict[int, tuple[float, bool]] = {}


def is_small(index_id: int, tenant_id: int) -> bool:
    """Whether an index is compared with one by one; counts no further than it must, and not each time."""
    until, small = _sizes.get(index_id, (0.0, True))
    if until < time.monotonic():
        ((count,),) = fetch(
            "SELECT count(*) FROM (SELECT 1 FROM chat_embedding WHERE tenant_id = %s AND index_id = %s LIMIT %s) few",
            (tenant_id, index_id, EXACT_UP_TO + 1),
        )
        small = count <= EXACT_UP_TO
        if len(_sizes) > 10_000:
            _sizes.clear()
        _sizes[index_id] = (time.monotonic() + _REMEMBERED, small)
    return small


def vector_text(vector: Sequence[float] | Any) -> str:
    """A vector as PostgreSQL reads it."""
    return "[" + ",".join(f"{value:.6g}" for value in vector) + "]"

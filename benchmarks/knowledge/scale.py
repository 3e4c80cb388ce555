"""One tenant with very many chunks beside small ones: is everything found, and how fast."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
import psycopg
from django.conf import settings
from django.db import connection, transaction
from pgvector import HalfVector
from pgvector.psycopg import register_vector

from chat.knowledge import search_queries as queries
from chat.knowledge import words
from chat.knowledge.embedding import embed_offline
from chat.knowledge.scope import SearchScope
from chat.knowledge.search_queries import Index
from chat.models import Document, EmbeddingIndex, KnowledgeBase, KnowledgeSource
from chatplatform.lib.ids import new_id
from chatplatform.lib.tenant_setting import EVERY_TENANT, SETTING
from tenants.models import Tenant
from tenants.scope import tenant_scope

QUESTIONS = 40
_FOREIGN_KEYS = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
     WHERE contype = 'f' AND conrelid IN ('chat_chunk'::regclass, 'chat_embedding'::regclass)"""
TOP = 10


@dataclass(frozen=True)
class Inhabitant:
    """A tenant, how many chunks it has, and its questions: words and vectors."""

    name: str
    scope: SearchScope
    index: Index
    chunks: int
    questions: list[tuple[str, str]]


def fill(texts: list[str], sizes: dict[str, int]) -> list[Inhabitant]:
    """Tenants of these sizes, with these texts in turn; each vector is its text's, a little turned: none is twice."""
    vectors = np.vstack([embed_offline(texts[at : at + 256]) for at in range(0, len(texts), 256)])
    generator = np.random.default_rng(7)
    made = []
    with psycopg.connect(**_parameters(), autocommit=True) as raw:
        register_vector(raw)
        for (statement,) in raw.execute(
            _FOREIGN_KEYS
        ).fetchall():  # the keys are right; checking millions takes minutes
            raw.execute(statement)
        raw.execute("SET maintenance_work_mem = '4GB'")
        names = [f"embedding_nearest_{length}" for length in (256,)]
        definitions = [_only(raw, f"SELECT indexdef FROM pg_indexes WHERE indexname = '{name}'") for name in names]
        for name in names:
            raw.execute(f"DROP INDEX {name}")
        for name, size in sizes.items():
            made.append(_tenant(raw, name, size, texts, vectors, generator))
        began = time.monotonic()
        for definition in definitions:
            raw.execute(definition)
        print(f"HNSW index over {sum(sizes.values()):,} vectors: {time.monotonic() - began:.0f} s", flush=True)
        raw.execute("ANALYZE")
    return made


def _tenant(
    raw: psycopg.Connection[Any], name: str, size: int, texts: list[str], vectors: Any, generator: Any
) -> Inhabitant:
    tenant = Tenant.objects.create(slug=name, name=name)
    source = KnowledgeSource.objects.create(
        tenant=tenant, public_id=new_id("knowledge_source"), name="all", kind="files"
    )
    index = EmbeddingIndex.objects.create(tenant=tenant, provider="offline", model="wordllama-l2-256", dimensions=256)
    KnowledgeBase.objects.create(tenant=tenant, index=index)
    document = Document.objects.create(
        tenant=tenant, source=source, public_id=new_id("document"), key="all", title="All", mime="text/plain",
        sha256="", state="ready", version=1, draft=1, seen_at=index.created_at,
    )  # fmt: skip
    offset = int(generator.integers(len(texts)))
    raw.execute("CREATE TEMP TABLE IF NOT EXISTS texts (place int, text text)")
    raw.execute("TRUNCATE texts")
    with raw.cursor().copy("COPY texts FROM STDIN") as copy:
        for place, text in enumerate(texts):
            copy.write_row((place, text.replace("\0", "")))
    raw.execute(
        """
        INSERT INTO chat_chunk
               (tenant_id, source_id, document_id, version, position, title, page, start, "end", text, sha256, search)
        SELECT %s, %s, %s, 1, n, '', 0, 0, 0, t.text, ''::bytea,
               to_tsvector('english', t.text) || array_to_tsvector(ARRAY[%s::text])
          FROM generate_series(0, %s - 1) n JOIN texts t ON t.place = (n + %s) %% %s ORDER BY n""",
        (tenant.pk, source.pk, document.pk, words.tenant_lexeme(tenant.pk), size, offset, len(texts)),
    )
    keys = [
        key for (key,) in raw.execute("SELECT id FROM chat_chunk WHERE tenant_id = %s ORDER BY position", (tenant.pk,))
    ]
    # Nothing can be copied into a table with row-level security.
    raw.execute(
        "CREATE TEMP TABLE IF NOT EXISTS embedded "
        "(tenant_id int8, index_id int8, source_id int8, chunk_id int8, dimensions int2, vector halfvec)"
    )
    raw.execute("TRUNCATE embedded")
    with raw.cursor().copy("COPY embedded FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["int8", "int8", "int8", "int8", "int2", "halfvec"])
        for begin in range(0, size, 10_000):
            places = (np.arange(begin, min(begin + 10_000, size)) + offset) % len(texts)
            turned = vectors[places] + generator.normal(0, 0.01, (len(places), 256))
            turned /= np.linalg.norm(turned, axis=1, keepdims=True)
            for key, vector in zip(keys[begin : begin + 10_000], turned, strict=True):
                copy.write_row((tenant.pk, index.pk, source.pk, key, 256, HalfVector(vector)))
    columns = "tenant_id, index_id, source_id, chunk_id, dimensions, vector"
    raw.execute(f"INSERT INTO chat_embedding ({columns}) SELECT {columns} FROM embedded")
    chosen = random.Random(11).sample(range(min(size, len(texts))), min(QUESTIONS, size))
    questions = []
    for place in chosen:
        text = texts[(place + offset) % len(texts)]
        asked = " ".join(text.split()[3:11])
        (vector,) = embed_offline([asked])
        questions.append((asked, queries.vector_text(vector)))
    print(f"{name}: {size:,} chunks", flush=True)
    scope = SearchScope(tenant.pk, (source.pk,))
    return Inhabitant(name, scope, Index(index.pk, "offline", "wordllama-l2-256", 256), size, questions)


def measure(inhabitants: list[Inhabitant]) -> list[list[str]]:
    """Recall of the nearest ten against comparing with each, and milliseconds."""
    rows: list[list[str]] = []
    for one in inhabitants:
        with tenant_scope(one.scope.tenant_id):
            rows += _measured(one)
    return rows


def _measured(one: Inhabitant) -> list[list[str]]:
    rows = []
    truth = [_exact(one, vector) for _words, vector in one.questions]
    ways: dict[str, Callable[[str], list[int]]] = {
        "graph, filtered afterwards": lambda vector: _graph(one, vector, "off"),
        "graph, iterative": lambda vector: _graph(one, vector, "relaxed_order"),
        "ours": lambda vector: [key for key, _near in queries.by_vector(vector, one.index, one.scope)],
    }
    for name, way in ways.items():
        recalls, times = [], []
        for right, (_words, vector) in zip(truth, one.questions, strict=True):
            began = time.perf_counter()
            found = way(vector)
            times.append(time.perf_counter() - began)
            recalls.append(len(set(found[:TOP]) & set(right)) / len(right))
        rows.append([one.name, f"{one.chunks:,}", name, f"{sum(recalls) / len(recalls):.3f}", *_times(times)])
    times = []
    for asked, _vector in one.questions:
        began = time.perf_counter()
        queries.by_words(queries.words_of(asked, "english", one.scope.tenant_id), one.scope)
        times.append(time.perf_counter() - began)
    rows.append([one.name, f"{one.chunks:,}", "words", "", *_times(times)])
    return rows


def _times(seconds: list[float]) -> list[str]:
    ordered = sorted(seconds)
    return [f"{median(ordered) * 1000:.1f}", f"{ordered[int(len(ordered) * 0.95)] * 1000:.1f}"]


def _exact(one: Inhabitant, vector: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH mine AS MATERIALIZED (SELECT chunk_id, vector <=> %s::halfvec AS distance FROM chat_embedding
                                        WHERE tenant_id = %s AND index_id = %s)
            SELECT chunk_id FROM mine ORDER BY distance, chunk_id LIMIT %s""",
            (vector, one.scope.tenant_id, one.index.id, TOP),
        )
        return [key for (key,) in cursor.fetchall()]


def _graph(one: Inhabitant, vector: str, scan: str) -> list[int]:
    """What somebody gets who trusts the index, whatever the planner would rather do."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL hnsw.iterative_scan = {scan}")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            """
            SELECT chunk_id FROM chat_embedding WHERE tenant_id = %s AND index_id = %s AND dimensions = 256
             ORDER BY (vector::halfvec(256)) <=> %s::halfvec(256) LIMIT %s""",
            (one.scope.tenant_id, one.index.id, vector, TOP),
        )
        return [key for (key,) in cursor.fetchall()]


def _only(raw: psycopg.Connection[Any], statement: str) -> str:
    row = raw.execute(statement).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return str(row[0])


def _parameters() -> dict[str, Any]:
    given = settings.DATABASES["default"]
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    # It fills the tables of all tenants.
    options = {"options": f"-c {SETTING}={EVERY_TENANT}"}
    return {**{name: given[key] for name, key in names.items() if given.get(key)}, **options}

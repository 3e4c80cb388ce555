"""How well the passages that answer are found: recall@5 and nDCG@10, by words, by vectors and fused, beside bm25s."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from statistics import median

import bm25s

from benchmarks.knowledge import corpus
from chat.knowledge import documents, ingestion, search_queries
from chat.knowledge.documents import Loaded
from chat.knowledge.embedding import embed_offline
from chat.knowledge.ingestion_queries import waits
from chat.knowledge.reranking import CANDIDATES, by_sentence
from chat.knowledge.scope import SearchScope
from chat.knowledge.search import fused
from chat.models import Chunk, Document, KnowledgeSource
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.ids import new_id
from tenants.models import Tenant
from tenants.scope import tenant_scope

PAGE_CHARACTERS = 3_000
Way = Callable[[str], list[str]]


def show(most: int) -> None:
    """Read the question sets, ask everything, print the tables."""
    passages = corpus.docstrings(most)
    _ask(
        "Docstrings of Python and Django",
        [(str(number), passage.title, passage.text) for number, passage in enumerate(passages)],
        [(passage.question, str(number)) for number, passage in enumerate(passages)][:500],
    )
    _ask(
        "This project's documentation",
        [(path, "", text) for path, text in corpus.own_documents()],
        corpus.own_questions(),
    )


def _ask(name: str, texts: list[tuple[str, str, str]], questions: list[tuple[str, str]]) -> None:
    source, seconds = _read(name, texts)
    pages = sum(len(text) for _key, _title, text in texts) / PAGE_CHARACTERS
    with tenant_scope(source.tenant_id):
        _compare(f"{name}: {len(texts):,} documents, read {pages / seconds:.0f} pages/s", source, questions)


def _compare(name: str, source: KnowledgeSource, questions: list[tuple[str, str]]) -> None:
    scope = SearchScope(source.tenant_id, (source.pk,))
    base = search_queries.base_of(source.tenant_id)
    assert base is not None
    assert base.index is not None
    index = base.index
    documents_of = Document.objects.for_tenant(source.tenant_id)
    rows_of_chunks = Chunk.objects.for_tenant(source.tenant_id).values_list("pk", "title", "text")
    passages = {key: (title, text) for key, title, text in rows_of_chunks}
    keys = dict(
        Chunk.objects.for_tenant(source.tenant_id).filter(document__in=documents_of).values_list("pk", "document__key")
    )
    print(f"\n{name}; {len(keys):,} chunks, {len(questions)} questions", flush=True)

    def by_words(question: str) -> list[int]:
        return search_queries.by_words(search_queries.words_of(question, "english", source.tenant_id), scope)

    def by_vector(question: str) -> list[int]:
        (vector,) = embed_offline([question])
        return [key for key, _near in search_queries.by_vector(search_queries.vector_text(vector), index, scope)]

    def by_both(question: str) -> list[int]:
        return fused([by_words(question), by_vector(question)])

    def reranked(question: str) -> list[int]:
        found = by_both(question)
        first, rest = found[:CANDIDATES], found[CANDIDATES:]
        nearest = by_sentence(question, [passages[key] for key in first]) if first else []
        return [first[place] for place in fused([range(len(first)), nearest])] + rest

    def in_documents(way: Callable[[str], list[int]]) -> Way:
        return lambda question: list(dict.fromkeys(keys[key] for key in way(question)))

    ways: dict[str, Way] = {
        "bm25s (baseline)": _baseline(source),
        "words": in_documents(by_words),
        "vectors": in_documents(by_vector),
        "fused (ours)": in_documents(by_both),
        "fused, reranked": in_documents(reranked),
    }
    rows = [[name, *_scores(way, questions)] for name, way in ways.items()]
    print(table(["way", "recall@5", "nDCG@10", "ms (median)"], rows), flush=True)


def _read(name: str, texts: list[tuple[str, str, str]]) -> tuple[KnowledgeSource, float]:
    """Put and ingest documents through the real pipeline; the source, and how long the ingestion took."""
    tenant = Tenant.objects.create(slug=new_id("thread")[4:20], name=name)
    source = KnowledgeSource.objects.create(
        tenant=tenant, public_id=new_id("knowledge_source"), name=name, kind=KnowledgeSource.Kind.FILES
    )
    for key, title, text in texts:
        documents.put(source, Loaded(key, title or key, "text/markdown", text.encode()))
    began = time.monotonic()

    async def ingest() -> None:
        while await in_database(waits, tenant.pk):
            await ingestion.take_turn(tenant.pk)

    asyncio.run(ingest())
    return source, time.monotonic() - began


def _baseline(source: KnowledgeSource) -> Way:
    """bm25s over the same chunks, with its own words and stop words."""
    chunks = list(
        Chunk.objects.for_tenant(source.tenant_id).order_by("pk").values_list("document__key", "title", "text")
    )
    retriever = bm25s.BM25()
    texts = [f"{title}\n{text}" for _key, title, text in chunks]
    retriever.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)

    def ask(question: str) -> list[str]:
        tokens = bm25s.tokenize(question, stopwords="en", show_progress=False)
        found, _scores = retriever.retrieve(tokens, k=min(50, len(chunks)), show_progress=False)
        return list(dict.fromkeys(chunks[place][0] for place in found[0]))

    return ask


def _scores(way: Way, questions: list[tuple[str, str]]) -> list[str]:
    recalls, gains, times = [], [], []
    for question, right in questions:
        began = time.perf_counter()
        found = way(question)
        times.append(time.perf_counter() - began)
        place = found.index(right) if right in found else None
        recalls.append(place is not None and place < 5)
        gains.append(1 / math.log2(place + 2) if place is not None and place < 10 else 0.0)
    return [
        f"{sum(recalls) / len(recalls):.3f}",
        f"{sum(gains) / len(gains):.3f}",
        f"{median(times) * 1000:.1f}",
    ]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Rows in columns."""
    widths = [max(len(row[at]) for row in [heads, *rows]) for at in range(len(heads))]
    return "\n".join(
        "  ".join(value.ljust(width) for value, width in zip(row, widths, strict=True)) for row in [heads, *rows]
    )

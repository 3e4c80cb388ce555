"""The SQL of ingestion: whose turn a document is, its chunks, their vectors, and the moment in which they begin to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from chat.knowledge import search_queries
from chat.knowledge.chunking import Passage
from chat.knowledge.embedding import OFFLINE, OfflineEmbedder, Vectors
from chat.knowledge.lanes import LEASE
from chat.knowledge.search_queries import Index
from chat.knowledge.words import tenant_lexeme
from chat.models import Chunk, Document, EmbeddingIndex, KnowledgeBase
from chatplatform.lib.db_pool import fetch
from tenants.managers import TenantQuerySet

State = Document.State
#: The words of a chunk; four parameters: language, title, language, text; and that of the tenant.
_WORDS = """setweight(to_tsvector(%s::text::regconfig, {title}), 'A') || to_tsvector(%s::text::regconfig, {text})
            || array_to_tsvector(ARRAY[%s::text])"""


@dataclass(frozen=True, slots=True)
class Job:
    """A document that was claimed.  Nobody else works on this draft while its lease lasts.

    ``chunks``: how many its draft has, once all of them are stored.  ``version`` answers meanwhile; zero when nothing does.
    ``attempts``: how often it has failed, or its worker was killed, since it was queued.
    """

    id: int
    tenant_id: int
    source_id: int
    public_id: str
    title: str
    mime: str
    sha256: str
    draft: int
    version: int
    chunks: int
    attempts: int


def claim(tenant_id: int) -> Job | None:
    """The next document of a tenant that waits, or whose worker was killed; None when there is none, or the tenant is suspended."""
    rows = fetch(
        """
        UPDATE chat_document SET state = 'working', error_code = '', lease_expires_at = %s, updated_at = now(),
                                 attempts = attempts + (state = 'working')::int
         WHERE id = (SELECT d.id FROM chat_document d JOIN tenants_tenant t ON t.id = d.tenant_id
                      WHERE d.tenant_id = %s AND t.status = 'active'
                        AND (d.state = 'queued' OR (d.state = 'working' AND d.lease_expires_at < now()))
                      ORDER BY d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED)
        RETURNING id, tenant_id, source_id, public_id, title, mime, sha256, draft, version, chunks_total, attempts""",
        (timezone.now() + LEASE, tenant_id),
    )
    return Job(*rows[0]) if rows else None


def waits(tenant_id: int) -> bool:
    """Whether the tenant's lane has something to do, now or when a lease ends."""
    return (
        Document.objects.for_tenant(tenant_id)
        .filter(state__in=[State.QUEUED, State.WORKING], tenant__status="active")
        .exists()
    )


def progress(job: Job, **values: object) -> bool:
    """Note how far it is and hold the lease; False when it was cancelled, changed or deleted meanwhile."""
    return bool(_mine(job).update(lease_expires_at=timezone.now() + LEASE, updated_at=timezone.now(), **values))


def pause(job: Job) -> None:
    """Let somebody go on with it."""
    _mine(job).update(state=State.QUEUED, lease_expires_at=None)


def fail(job: Job, code: str, *, again: bool) -> None:
    """It could not be read; ``again``: that may pass."""
    document = _mine(job).defer("text").first()
    if document is not None:
        state = State.QUEUED if again else State.FAILED
        _mine(job).update(
            state=state,
            error_code=code,
            attempts=document.attempts + 1,
            lease_expires_at=None,
            updated_at=timezone.now(),
        )


def put_off(job: Job, code: str) -> None:
    """It may not be read now: it waits, and says for what."""
    _mine(job).update(state=State.QUEUED, error_code=code, lease_expires_at=None, updated_at=timezone.now())


def attempts_of(job: Job) -> int:
    """How often it has failed since it was queued."""
    return _mine(job).values_list("attempts", flat=True).first() or 0


def store_chunks(job: Job, chunks: Sequence[Passage], first: int, language: str) -> None:
    """Insert chunks from position ``first`` on, as far as they are not there."""
    fetch(
        f"""
        INSERT INTO chat_chunk
               (tenant_id, source_id, document_id, version, position, title, page, start, "end", text, sha256, search)
        SELECT %s, %s, %s, %s, c.position, c.title, c.page, c.start, c.stop, c.text, c.sha256,
               {_WORDS.format(title="c.title", text="c.text")}
          FROM unnest(%s::int[], %s::text[], %s::int[], %s::int[], %s::int[], %s::text[], %s::bytea[])
               AS c(position, title, page, start, stop, text, sha256)
        ON CONFLICT (document_id, version, position) DO NOTHING""",
        (
            job.tenant_id,
            job.source_id,
            job.id,
            job.draft,
            language,
            language,
            tenant_lexeme(job.tenant_id),
            [first + number for number in range(len(chunks))],
            [chunk.title for chunk in chunks],
            [chunk.page for chunk in chunks],
            [chunk.start for chunk in chunks],
            [chunk.end for chunk in chunks],
            [chunk.text for chunk in chunks],
            [chunk.sha256 for chunk in chunks],
        ),
    )


def reuse_vectors(job: Job, index_id: int) -> None:
    """Give the draft the vectors of the chunks that say the same in the version that answers."""
    if not job.version:
        return
    fetch(
        """
        INSERT INTO chat_embedding (tenant_id, index_id, source_id, chunk_id, dimensions, vector)
        SELECT c.tenant_id, e.index_id, c.source_id, c.id, e.dimensions, e.vector
          FROM chat_chunk c
          JOIN (SELECT sha256, min(id) AS id FROM chat_chunk
                 WHERE tenant_id = %s AND document_id = %s AND version = %s GROUP BY sha256) same USING (sha256)
          JOIN chat_embedding e ON e.chunk_id = same.id AND e.tenant_id = c.tenant_id AND e.index_id = %s
         WHERE c.tenant_id = %s AND c.document_id = %s AND c.version = %s
        ON CONFLICT (tenant_id, index_id, chunk_id) DO NOTHING""",
        (job.tenant_id, job.id, job.version, index_id, job.tenant_id, job.id, job.draft),
    )


def without_vector(job: Job, index_id: int) -> list[int]:
    """The keys of the draft's chunks that have no vector yet, in their order."""
    rows = fetch(
        """
        SELECT c.id FROM chat_chunk c
         WHERE c.tenant_id = %s AND c.document_id = %s AND c.version = %s
           AND NOT EXISTS (SELECT 1 FROM chat_embedding e
                            WHERE e.tenant_id = c.tenant_id AND e.index_id = %s AND e.chunk_id = c.id)
         ORDER BY c.position""",
        (job.tenant_id, job.id, job.draft, index_id),
    )
    return [key for (key,) in rows]


def texts_of(job: Job, chunk_ids: Sequence[int]) -> list[tuple[int, str]]:
    """What vectors of these chunks are made of, by their keys; nothing of those that are gone."""
    return fetch(
        "SELECT id, title || E'\\n' || text FROM chat_chunk WHERE tenant_id = %s AND id = ANY(%s::bigint[]) ORDER BY position",
        (job.tenant_id, list(chunk_ids)),
    )


def store_vectors(tenant_id: int, index: Index, chunk_ids: Sequence[int], vectors: Vectors) -> None:
    """Insert the vectors of chunks, as far as the chunks still are and the vectors are not."""
    fetch(
        """
        INSERT INTO chat_embedding (tenant_id, index_id, source_id, chunk_id, dimensions, vector)
        SELECT c.tenant_id, %s, c.source_id, c.id, %s, v.vector::halfvec
          FROM unnest(%s::bigint[], %s::text[]) AS v(chunk_id, vector)
          JOIN chat_chunk c ON c.id = v.chunk_id AND c.tenant_id = %s
        ON CONFLICT (tenant_id, index_id, chunk_id) DO NOTHING""",
        (
            index.id,
            index.dimensions,
            list(chunk_ids),
            [search_queries.vector_text(vector) for vector in vectors],
            tenant_id,
        ),
    )


def publish(job: Job, index_id: int | None, text: str, pages: list[int], *, is_markdown: bool) -> bool:
    """Let the draft answer in the place of what answered before; False when it may not (any more)."""
    with transaction.atomic():
        base = KnowledgeBase.objects.for_tenant(job.tenant_id).select_for_update(of=("self",)).first()
        document = _mine(job).select_for_update(of=("self",)).defer("text").first()
        if document is None or base is None:
            return False
        if index_id is not None and base.index_id not in (None, index_id):
            # The tenant has another model since: its vectors are made first.
            _mine(job).update(state=State.QUEUED, lease_expires_at=None)
            return False
        if base.index_id is None and index_id is not None:
            KnowledgeBase.objects.for_tenant(job.tenant_id).filter(pk=base.pk).update(index_id=index_id)
        _mine(job).update(
            state=State.READY,
            error_code="",
            version=job.draft,
            text=text,
            pages=pages,
            is_markdown=is_markdown,
            lease_expires_at=None,
            updated_at=timezone.now(),
        )
        Chunk.objects.for_tenant(job.tenant_id).filter(document_id=job.id).exclude(version=job.draft).delete()
    return True


# ---- indexes


def target_of(tenant_id: int) -> tuple[KnowledgeBase, Index | None]:
    """How the tenant wants its documents searched, and the index in which new documents get their vectors, if there is one."""
    base, _ = KnowledgeBase.objects.for_tenant(tenant_id).select_related("index").get_or_create(tenant_id=tenant_id)
    found = base.index or _index(tenant_id, base.embedding_provider, model_of(base))
    return base, _plain(found)


def model_of(base: KnowledgeBase) -> str:
    """The model's name as an index stores it."""
    return OfflineEmbedder.model if base.embedding_provider == OFFLINE else base.embedding_model


def make_index(tenant_id: int, provider: str, model: str, dimensions: int) -> Index:
    """The index of a model, made with its first vectors."""
    index, _ = EmbeddingIndex.objects.for_tenant(tenant_id).get_or_create(
        tenant_id=tenant_id, provider=provider, model=model, defaults={"dimensions": dimensions}
    )
    return Index(index.pk, index.provider, index.model, index.dimensions)


def wanted_index(base: KnowledgeBase) -> Index | None:
    """The index of the model that the tenant has chosen, as far as it was begun."""
    return _plain(_index(base.tenant_id, base.embedding_provider, model_of(base)))


def lacking(tenant_id: int, index_id: int | None, most: int) -> list[tuple[int, str]]:
    """Chunks that answer and have no vector in an index."""
    return fetch(
        """
        SELECT c.id, c.title || E'\\n' || c.text FROM chat_chunk c
          JOIN chat_document d ON d.id = c.document_id AND d.version = c.version
         WHERE d.tenant_id = %s AND c.tenant_id = d.tenant_id
           AND NOT EXISTS (SELECT 1 FROM chat_embedding e
                            WHERE e.tenant_id = c.tenant_id AND e.index_id = %s AND e.chunk_id = c.id)
         LIMIT %s""",
        (tenant_id, index_id or 0, most),
    )


def switch(base: KnowledgeBase, index_id: int) -> bool:
    """Let another index answer, if it lacks nothing; the vectors of the old one go."""
    with transaction.atomic():
        locked = KnowledgeBase.objects.for_tenant(base.tenant_id).select_for_update(of=("self",)).get(pk=base.pk)
        if lacking(base.tenant_id, index_id, 1):
            return False
        locked.index_id = index_id
        locked.save(update_fields=["index"])
        EmbeddingIndex.objects.for_tenant(base.tenant_id).exclude(pk=index_id).delete()
    return True


def reword(base: KnowledgeBase) -> None:
    """Index the words of all of a tenant's chunks in its language."""
    chunks = Chunk.objects.for_tenant(base.tenant_id)
    last = 0
    while keys := list(chunks.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:1000]):
        fetch(
            f"""UPDATE chat_chunk SET search = {_WORDS.format(title="title", text="text")}
                 WHERE tenant_id = %s AND id = ANY(%s)""",
            (base.language, base.language, tenant_lexeme(base.tenant_id), base.tenant_id, keys),
        )
        last = keys[-1]
    KnowledgeBase.objects.for_tenant(base.tenant_id).filter(pk=base.pk).update(words_language=base.language)


def _index(tenant_id: int, provider: str, model: str) -> EmbeddingIndex | None:
    return EmbeddingIndex.objects.for_tenant(tenant_id).filter(provider=provider, model=model).first()


def _plain(found: EmbeddingIndex | None) -> Index | None:
    return Index(found.pk, found.provider, found.model, found.dimensions) if found is not None else None


def _mine(job: Job) -> TenantQuerySet[Document]:
    return Document.objects.for_tenant(job.tenant_id).filter(pk=job.id, draft=job.draft, state=State.WORKING)

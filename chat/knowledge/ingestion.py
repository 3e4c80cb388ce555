"""From stored content to something that answers, in steps of which each is kept: read, cut, make vectors, publish.

Whatever is done twice changes nothing the second time, so that a worker may be killed at any point.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Sequence
from datetime import timedelta

import orjson

from chat.knowledge import ingestion_queries as queries
from chat.knowledge.chunking import Passage, chunks_of
from chat.knowledge.documents import PAGES, path_of
from chat.knowledge.embedding import BATCH, OFFLINE, Embedder, embedder_for
from chat.knowledge.ingestion_queries import Job
from chat.knowledge.lanes import LEASE, TURN, wake
from chat.knowledge.search_queries import Index
from chat.models import KnowledgeBase
from chat.stores import files
from chat.stores.budget import USED_UP, check_plan
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.documents import NUMBERED, PLAIN
from chatplatform.lib.files.inspection import MOST_CHARACTERS, read_pages
from chatplatform.lib.files.kinds import KINDS
from chatplatform.lib.files.storage_errors import storage_errors, temporary_file
from tenants.scope import tenant_scope

logger = logging.getLogger(__name__)
#: Chunks that are stored at once.
_CHUNKS = 200
#: Failures that may pass, before a document is given up.
MOST_ATTEMPTS = 4
_GAP = "\n\n"
_READ_AT_ONCE = ("text/markdown", "text/plain")
_MOST = MOST_CHARACTERS["knowledge"]


async def take_turn(tenant_id: int) -> None:
    """Work for the tenant until its turn is over; whether there is more, `wake` is told."""
    with tenant_scope(tenant_id):
        await _take_turn(tenant_id)


async def _take_turn(tenant_id: int) -> None:
    give_up_at = time.monotonic() + TURN
    pause = None
    while (left := give_up_at - time.monotonic()) > 0:
        job = await in_database(queries.claim, tenant_id)
        if job is not None and job.attempts >= MOST_ATTEMPTS:
            await in_database(queries.fail, job, "worker_lost", again=False)
            continue
        if job is None:
            if not await _tend_index(tenant_id, give_up_at):
                return
            continue
        pause = await _work(job, left)
        if pause is not None:
            break
    await in_database(wake, tenant_id, after=pause)


async def _work(job: Job, seconds: float) -> timedelta | None:
    """Go on with a document; how long to wait before the next, when its provider has a bad moment or the plan is used up."""
    try:
        await _ingest(job, time.monotonic() + seconds)
    except PlatformError as error:
        if error.code in USED_UP:
            await in_database(queries.put_off, job, error.code)
            return LEASE
        attempts = await in_database(queries.attempts_of, job)
        again = error.spec.may_pass and error.status in (429, 502, 503, 504, 507) and attempts + 1 < MOST_ATTEMPTS
        await in_database(queries.fail, job, error.code, again=again)
        return timedelta(seconds=15 * 2**attempts) if again else None
    except Exception as error:  # noqa: BLE001 - one document must not end the others
        # Its text could hold somebody's words.
        logger.error("document %s could not be read: %s", job.public_id, type(error).__name__)  # noqa: TRY400
        await in_database(queries.fail, job, "internal", again=False)
    return None


async def _ingest(job: Job, give_up_at: float) -> None:
    base, index = await in_database(queries.target_of, job.tenant_id)
    # A long document has many turns: what the first of them did, the next ones need not do again.
    total = job.chunks or await _cut(job, base, index)
    if not total:
        return
    index = await _make_vectors(job, base, index, total, give_up_at)
    if index is not None:
        text, starts, is_markdown = joined(await files.in_files(read_content, job), job.mime)
        await in_database(queries.publish, job, index.id, text, starts, is_markdown=is_markdown)
        await files.in_files(files.delete, path_of(job.tenant_id, job.public_id, job.sha256) + PAGES)


async def _cut(job: Job, base: KnowledgeBase, index: Index | None) -> int:
    """Read the document and store its chunks, with the vectors that there are; how many, or 0 when it was cancelled meanwhile.

    Raises:
        PlatformError: those of `read_content`, ``document_empty``.
    """
    text, starts, is_markdown = joined(await files.in_files(read_content, job), job.mime)
    if not text.strip():
        raise PlatformError("document_empty")
    chunks = chunks_of(job.title, text, starts, is_markdown=is_markdown)
    for first in range(0, len(chunks), _CHUNKS):
        await in_database(_store, job, chunks[first : first + _CHUNKS], first, base)
    if index is not None:
        await in_database(queries.reuse_vectors, job, index.id)
    return len(chunks) if await in_database(queries.progress, job, chunks_total=len(chunks)) else 0


def _store(job: Job, chunks: Sequence[Passage], first: int, base: KnowledgeBase) -> None:
    queries.store_chunks(job, chunks, first, base.words_language)


async def _make_vectors(
    job: Job, base: KnowledgeBase, index: Index | None, total: int, give_up_at: float
) -> Index | None:
    """Vectors for all chunks of the draft; the index they are in, or None when it is not done (now, or at all)."""
    provider, model = (index.provider, index.model) if index else (base.embedding_provider, queries.model_of(base))
    embedder = await _embedder(job.tenant_id, provider, model)
    waiting = await in_database(queries.without_vector, job, index.id if index else 0)
    done = total - len(waiting)
    for first in range(0, len(waiting), BATCH):
        texts = await in_database(queries.texts_of, job, waiting[first : first + BATCH])
        if not texts:
            return None
        vectors = await embedder.embed([text for _key, text in texts])
        if index is None:
            index = await in_database(queries.make_index, job.tenant_id, provider, model, int(vectors.shape[1]))
        await in_database(queries.store_vectors, job.tenant_id, index, [key for key, _text in texts], vectors)
        done += len(texts)
        if not await in_database(queries.progress, job, chunks_done=min(done, total)):
            return None
        if time.monotonic() > give_up_at and done < total:
            await in_database(queries.pause, job)
            return None
    return index


async def _embedder(tenant_id: int, provider: str, model: str) -> Embedder:
    """Who makes the vectors.

    Raises:
        PlatformError: as `embedder_for`; as `check_plan`, where a provider would work for a tenant that has used up its plan.
    """
    if provider != OFFLINE:
        await in_database(check_plan, tenant_id)
    return await embedder_for(tenant_id, provider, model)


async def _tend_index(tenant_id: int, give_up_at: float) -> bool:
    """Make the vectors of a newly chosen model, or the words of a newly chosen language; whether there is more to do."""
    base, active = await in_database(queries.target_of, tenant_id)
    if base.words_language != base.language:
        await in_database(queries.reword, base)
    if active is None or (active.provider, active.model) == (base.embedding_provider, queries.model_of(base)):
        return False
    try:
        return await _move(base, give_up_at)
    except PlatformError as error:
        logger.warning("the documents of tenant %s keep their vectors: %s", tenant_id, error.code)
        if error.spec.may_pass or error.code in USED_UP:
            await in_database(wake, tenant_id, after=LEASE)
        return False


async def _move(base: KnowledgeBase, give_up_at: float) -> bool:
    """Make vectors of the chosen model beside those that answer, and let them answer once they are complete."""
    model = queries.model_of(base)
    embedder = await _embedder(base.tenant_id, base.embedding_provider, model)
    index = await in_database(queries.wanted_index, base)
    while time.monotonic() < give_up_at:
        waiting = await in_database(queries.lacking, base.tenant_id, index.id if index else None, BATCH)
        if not waiting:
            return not (index is not None and await in_database(queries.switch, base, index.id))
        vectors = await embedder.embed([text for _key, text in waiting])
        if index is None:
            index = await in_database(
                queries.make_index, base.tenant_id, base.embedding_provider, model, int(vectors.shape[1])
            )
        await in_database(queries.store_vectors, base.tenant_id, index, [key for key, _text in waiting], vectors)
    return True


def read_content(job: Job) -> list[str]:
    """The pages of a document's stored content; read once, and kept beside it until it answers.

    Raises:
        PlatformError: ``file_unreadable``, ``file_mismatch``, ``document_gone``; as `storage_errors`.
    """
    path = path_of(job.tenant_id, job.public_id, job.sha256)
    storage = files.storage()
    with storage_errors():
        if storage.exists(path + PAGES):
            with storage.open(path + PAGES) as kept:
                pages: list[str] = orjson.loads(kept.read())
            return pages
        if not storage.exists(path):
            raise PlatformError("document_gone")
    with temporary_file() as copy, storage.open(path) as stored:
        if job.mime in _READ_AT_ONCE and (text := _utf8(stored.read())) is not None:
            return [text]
        stored.seek(0)
        shutil.copyfileobj(stored, copy)
        pages = read_pages(copy, job.mime)
    try:
        files.save(path + PAGES, orjson.dumps(pages))
    except PlatformError as problem:  # It is read once more then.
        logger.warning("the pages of document %s are not kept: %s", job.public_id, problem.code)
    return pages


def _utf8(content: bytes) -> str | None:
    """Text that nothing has to be parsed of: no process is started for it."""
    try:
        return content.decode("utf-8-sig").replace("\0", "\N{REPLACEMENT CHARACTER}").replace("\r\n", "\n")[:_MOST]
    except UnicodeDecodeError:
        return None


def joined(pages: list[str], mime: str) -> tuple[str, list[int], bool]:
    """The whole text, where its pages begin if they have numbers, and whether it is Markdown."""
    family = KINDS[mime].family
    starts, at = [], 0
    for page in pages:
        starts.append(at)
        at += len(page) + len(_GAP)
    return _GAP.join(pages), starts if family in NUMBERED else [], family not in PLAIN

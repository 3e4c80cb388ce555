"""A source and its documents: brought into step on demand, and again and again where it says so.

As with documents (`chat.knowledge.lanes`), tenants take turns: a reading goes on for a few seconds, and then to the end of the
queue again, so that neither a large website nor a slow one keeps the worker from others.
"""

from __future__ import annotations

import hashlib
import logging
import time
from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from chat.knowledge import documents
from chat.knowledge.lanes import TURN
from chat.knowledge.loaders import LOADERS
from chat.knowledge.loaders.place import Place
from chat.models import Document, KnowledgeSource
from chat.stores import files
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError
from tenants.scope import tenant_scope

logger = logging.getLogger(__name__)
State = KnowledgeSource.State
#: After so long, somebody looks whether the worker that read a source was killed.
_WATCH = timedelta(hours=1)
#: Behind the name of a source's file: where its reading goes on.
_PLACE = ".place"
_LARGEST_PLACE = 50_000_000


def request_sync(source: KnowledgeSource) -> None:
    """Have a source read again, soon."""
    with transaction.atomic():
        KnowledgeSource.objects.for_tenant(source.tenant_id).filter(pk=source.pk).update(
            state=State.QUEUED, error_code=""
        )
        transaction.on_commit(lambda: _enqueue(source.tenant_id, source.pk))


async def synchronise(tenant_id: int, source_id: int) -> None:
    """Read a source for a turn, if it is time to: take in what it has, at the end remove what it has not any more."""
    with tenant_scope(tenant_id):
        await _synchronise(tenant_id, source_id)


async def _synchronise(tenant_id: int, source_id: int) -> None:
    source = await in_database(_claim, tenant_id, source_id)
    if source is None:
        await in_database(_come_back, tenant_id, source_id)
        return
    await in_database(_enqueue, tenant_id, source_id, _WATCH)
    give_up_at, error_code = time.monotonic() + TURN, ""
    try:
        if (load := LOADERS.get(source.kind)) is not None:
            kept = await files.in_files(_kept, source)
            began = datetime.fromisoformat(kept["began"])
            async for loaded in load(source, kept["place"]):
                if loaded is not None:
                    await _put(source, loaded, began)
                if time.monotonic() > give_up_at:
                    await files.in_files(files.save, _path_of(source), orjson.dumps(kept))
                    await in_database(_go_on, source)
                    return
            await in_database(_remove_unseen, source, began)
    except PlatformError as error:
        error_code = error.code
    except Exception as error:  # noqa: BLE001 - its text could hold somebody's words
        logger.error("source %s could not be read: %s", source.public_id, type(error).__name__)  # noqa: TRY400
        error_code = "internal"
    await files.in_files(files.delete, _path_of(source))
    await in_database(_finish, source, error_code)


async def _put(source: KnowledgeSource, loaded: documents.Loaded, began: datetime) -> None:
    try:
        await in_database(documents.put, source, loaded, seen_at=began)
    except PlatformError as error:
        logger.info("a document of source %s was passed over: %s", source.public_id, error.code)


def _kept(source: KnowledgeSource) -> dict[str, Any]:
    """When a reading began, and the place at which it goes on; from the beginning, when the source says something else by now."""
    said = (source.kind, source.url, source.content, source.records, source.max_depth, source.max_pages)
    of = hashlib.sha256(repr(said).encode()).hexdigest()
    stored = files.read(_path_of(source), _LARGEST_PLACE)
    kept: dict[str, Any] = orjson.loads(stored) if stored else {}
    if kept.get("of") == of:
        return kept
    place: Place = {}
    return {"of": of, "began": timezone.now().isoformat(), "place": place}


def _path_of(source: KnowledgeSource) -> str:
    return files.path_of(source.tenant_id, source.public_id) + _PLACE


def _claim(tenant_id: int, source_id: int) -> KnowledgeSource | None:
    """The source, if somebody asked for it, its time has come, or its worker was killed."""
    sources = KnowledgeSource.objects.for_tenant(tenant_id).filter(pk=source_id, tenant__status="active")
    source = sources.first()
    if source is None:
        return None
    hours = timedelta(hours=source.sync_hours)
    is_due = bool(hours) and (source.synced_at is None or source.synced_at + hours <= timezone.now())
    if source.state not in (State.QUEUED, State.READING) and not is_due:
        return None
    sources.update(state=State.READING)
    return source


def _go_on(source: KnowledgeSource) -> None:
    """See to another turn; where one waits already (two workers had one at the same time), that is enough."""
    now = timezone.now()
    waiting = _waiting(source.tenant_id, source.pk)
    # Immediate tasks have a time far away.
    if not waiting.filter(Q(run_after__lte=now) | Q(run_after__gte=now + timedelta(days=365))).exists():
        _enqueue(source.tenant_id, source.pk)


def _come_back(tenant_id: int, source_id: int) -> None:
    """See to it that a source with a schedule is read when it is time.

    Whoever watched over a reading that ended well comes too early, and took the place of the one who would have come then; in a
    suspended tenant it may be time, and nothing is read.
    """
    source = KnowledgeSource.objects.for_tenant(tenant_id).filter(pk=source_id).first()
    if source is not None and source.sync_hours:
        hours = timedelta(hours=source.sync_hours)
        left = (source.synced_at or timezone.now()) + hours - timezone.now()
        _enqueue(tenant_id, source_id, left if left > timedelta(0) else hours)


def _remove_unseen(source: KnowledgeSource, began: object) -> None:
    gone = Document.objects.for_tenant(source.tenant_id).filter(source=source, seen_at__lt=began)
    documents.remove(source.tenant_id, gone.defer("text"))


def _finish(source: KnowledgeSource, error_code: str) -> None:
    KnowledgeSource.objects.for_tenant(source.tenant_id).filter(pk=source.pk).update(
        state=State.FAILED if error_code else State.IDLE, error_code=error_code, synced_at=timezone.now()
    )
    if source.sync_hours:
        _enqueue(source.tenant_id, source.pk, timedelta(hours=source.sync_hours))


def _enqueue(tenant_id: int, source_id: int, after: timedelta | None = None) -> None:
    """One task at a time: one that comes no later is enough."""
    from chat.knowledge.tasks import sync_source

    run_after = timezone.now() + after if after is not None else None
    latest = run_after + timedelta(minutes=1) if run_after is not None else None
    if latest is None or not _waiting(tenant_id, source_id).filter(run_after__lte=latest).exists():
        sync_source.using(run_after=run_after).enqueue(tenant_id, source_id)


def _waiting(tenant_id: int, source_id: int) -> QuerySet[DBTaskResult[..., Any]]:
    from chat.knowledge.tasks import sync_source

    return DBTaskResult.objects.filter(
        task_path=sync_source.module_path, status="READY", args_kwargs__args=[tenant_id, source_id]
    )

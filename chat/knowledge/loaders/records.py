"""Records of this installation: what code has registered, kept in step as it changes.

    register_records("faq", model=Entry, document=lambda entry: Record(entry.question, entry.answer, entry.get_absolute_url()))

A source of the kind "records" that names ``faq`` then holds a document for each entry of its tenant.  A saved entry is read again,
and a deleted one answers nothing any more, once the transaction that did it is over.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_delete, post_save

from chat.knowledge import documents
from chat.knowledge.documents import Loaded
from chat.knowledge.loaders.place import Place
from chat.models import Document, KnowledgeSource
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError
from tenants.scope import tenant_scope

logger = logging.getLogger(__name__)
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Record:
    """A record as people read it: title, text in Markdown, and where they find it."""

    title: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Records:
    """``queryset``: the records of a tenant that are documents, by its key; ``tenant_of``: whose a record is."""

    name: str
    document: Callable[[Any], Record]
    queryset: Callable[[int], models.QuerySet[Any]]
    tenant_of: Callable[[Any], int]


REGISTRY: dict[str, Records] = {}


def register_records(
    name: str,
    *,
    model: type[models.Model],
    document: Callable[[Any], Record],
    queryset: Callable[[int], models.QuerySet[Any]] | None = None,
    tenant_of: Callable[[Any], int] = lambda record: int(record.tenant_id),
) -> None:
    """Make records a kind of document; for `assistant.py`.  Without ``queryset``: all that bear the tenant's key."""
    records = Records(
        name, document, queryset or (lambda tenant_id: model._default_manager.filter(tenant_id=tenant_id)), tenant_of
    )
    REGISTRY[name] = records

    def changed(instance: models.Model, **_signal: Any) -> None:
        transaction.on_commit(lambda: _follow(records, instance, instance.pk))

    def deleted(instance: models.Model, **_signal: Any) -> None:
        key = instance.pk  # which it loses
        transaction.on_commit(lambda: _forget(records.tenant_of(instance), name, str(key)))

    post_save.connect(changed, sender=model, weak=False, dispatch_uid=f"knowledge-save-{name}")
    post_delete.connect(deleted, sender=model, weak=False, dispatch_uid=f"knowledge-delete-{name}")


async def load(source: KnowledgeSource, place: Place) -> AsyncIterator[Loaded]:
    """All records of the tenant, page by page.

    Raises:
        PlatformError: ``records_unknown``.
    """
    if (records := REGISTRY.get(source.records)) is None:
        raise PlatformError("records_unknown")
    while page := await in_database(_page, records, source.tenant_id, place.get("after")):
        for key, loaded in page:
            place["after"] = key if isinstance(key, int) else str(key)
            yield loaded


def _page(records: Records, tenant_id: int, after: Any) -> list[tuple[Any, Loaded]]:
    with tenant_scope(tenant_id):
        found = records.queryset(tenant_id).order_by("pk")
        if after is not None:
            found = found.filter(pk__gt=after)
        return [(record.pk, _loaded(records, record)) for record in found[:_PAGE]]


def _loaded(records: Records, record: models.Model) -> Loaded:
    made = records.document(record)
    return Loaded(str(record.pk), made.title, "text/markdown", made.text.encode(), made.url)


def _follow(records: Records, record: models.Model, key: Any) -> None:
    """A record was saved.  Whoever saved it is not to notice when its document cannot be made."""
    tenant_id = records.tenant_of(record)
    try:
        with tenant_scope(tenant_id):
            current = records.queryset(tenant_id).filter(pk=key).first()
        if current is None:
            _forget(tenant_id, records.name, str(key))
            return
        for source in _sources(tenant_id, records.name):
            documents.put(source, _loaded(records, current))
    except Exception as error:  # noqa: BLE001
        logger.warning("a record of %s did not become a document: %s", records.name, type(error).__name__)


def _forget(tenant_id: int, name: str, key: str) -> None:
    for source in _sources(tenant_id, name):
        documents.remove(tenant_id, Document.objects.for_tenant(tenant_id).filter(source=source, key=key).defer("text"))


def _sources(tenant_id: int, name: str) -> list[KnowledgeSource]:
    return list(KnowledgeSource.objects.for_tenant(tenant_id).filter(kind=KnowledgeSource.Kind.RECORDS, records=name))

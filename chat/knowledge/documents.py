"""What is done to documents: put, cancel, retry, remove.  Synchronous; each is one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chat.knowledge.lanes import wake
from chat.models import Document, KnowledgeBase, KnowledgeSource
from chat.stores import files
from chat.stores.budget import check_room
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.kinds import KINDS, plain
from chatplatform.lib.ids import new_id
from tenants.models import AuditEvent
from tenants.scope import tenant_scope

#: The largest document.
MOST_BYTES = 50 * 1024 * 1024
#: What an extraction left, beside the content, until it is published.
PAGES = ".pages"
READABLE = frozenset(kind.mime for kind in KINDS.values() if kind.family != "image")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A document as its source gives it.  ``url`` is where people find it; empty when it is only here."""

    key: str
    title: str
    mime: str
    content: bytes
    url: str = ""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(f"{plain(self.mime)}\n{self.title}\n".encode() + self.content).hexdigest()


def put(source: KnowledgeSource, loaded: Loaded, *, seen_at: datetime | None = None) -> bool:
    """Take a document in; whether there is something new to read.  Content that is known already is not read again.

    Raises:
        PlatformError: ``file_type_refused``, ``too_large``, ``document_empty``, ``storage_full``, ``file_storage_full``,
            ``file_storage_unavailable``.
    """
    if plain(loaded.mime) not in READABLE:
        raise PlatformError("file_type_refused")
    if len(loaded.content) > MOST_BYTES:
        raise PlatformError("too_large")
    if not loaded.content.strip():
        raise PlatformError("document_empty")
    seen_at = seen_at or timezone.now()
    sha256 = loaded.sha256
    documents = Document.objects.for_tenant(source.tenant_id).filter(source=source, key=loaded.key[:500])
    same = documents.filter(sha256=sha256).exclude(state__in=[Document.State.FAILED, Document.State.CANCELLED])
    if same.update(seen_at=seen_at, url=loaded.url[:2000]):
        return False
    found = documents.first()
    with tenant_scope(source.tenant_id):
        check_room(source.tenant_id, len(loaded.content) - (found.size if found is not None else 0))
    public_id = found.public_id if found is not None else new_id("document")
    # Before the row that names it: a worker may come at once.
    files.save(path_of(source.tenant_id, public_id, sha256), loaded.content)
    with tenant_scope(source.tenant_id), transaction.atomic():
        KnowledgeBase.objects.for_tenant(source.tenant_id).get_or_create(tenant_id=source.tenant_id)
        document, is_new = documents.select_for_update(of=("self",)).get_or_create(
            tenant_id=source.tenant_id,
            source=source,
            key=loaded.key[:500],
            defaults={"public_id": public_id, "title": loaded.title[:300], "sha256": sha256, "seen_at": seen_at},
        )
        before = "" if is_new else document.sha256
        document.title = loaded.title[:300] or loaded.key[:300]
        document.url, document.mime, document.size = loaded.url[:2000], plain(loaded.mime), len(loaded.content)
        document.sha256, document.seen_at = sha256, seen_at
        if not is_new:
            document.draft += 1
        _queue(document)
        document.save()
        transaction.on_commit(lambda: wake(source.tenant_id))
        if before not in ("", sha256):
            transaction.on_commit(lambda: _forget(document.tenant_id, document.public_id, before))
    return True


def record_upload(source: KnowledgeSource, number: int) -> None:
    """Record in the audit log that somebody gave a source so many files."""
    AuditEvent.record(source.tenant_id, "knowledgesource.upload", source, after={"files": number})


def retry(document: Document) -> None:
    """Read a document's stored content again."""
    with tenant_scope(document.tenant_id), transaction.atomic():
        locked = Document.objects.for_tenant(document.tenant_id).select_for_update(of=("self",)).get(pk=document.pk)
        locked.draft += 1
        _queue(locked)
        locked.save()
        transaction.on_commit(lambda: wake(document.tenant_id))


def cancel(document: Document) -> bool:
    """Stop reading; what answered before goes on answering.  False when there was nothing to stop."""
    waiting = Document.objects.for_tenant(document.tenant_id).filter(
        pk=document.pk, state__in=[Document.State.QUEUED, Document.State.WORKING]
    )
    return bool(waiting.update(state=Document.State.CANCELLED, lease_expires_at=None))


def remove(tenant_id: int, documents: Iterable[Document]) -> None:
    """Delete documents with all that is made of them: from now on nothing is answered from them."""
    gone = list(documents)
    with transaction.atomic():
        # The database deletes chunks and vectors with them.
        Document.objects.for_tenant(tenant_id).filter(pk__in=[document.pk for document in gone]).delete()
        for document in gone:
            transaction.on_commit(lambda it=document: _forget(tenant_id, it.public_id, it.sha256))  # type: ignore[misc]


def remove_source(source: KnowledgeSource) -> None:
    """Delete a source with its documents."""
    with transaction.atomic():
        remove(source.tenant_id, Document.objects.for_tenant(source.tenant_id).filter(source=source).defer("text"))
        KnowledgeSource.objects.for_tenant(source.tenant_id).filter(pk=source.pk).delete()


def path_of(tenant_id: int, public_id: str, sha256: str) -> str:
    """Where the content is that has this hash; `PAGES` behind it is what was read in it."""
    return f"{files.path_of(tenant_id, public_id)}.{sha256[:16]}"


def _queue(document: Document) -> None:
    document.state, document.error_code, document.attempts = Document.State.QUEUED, "", 0
    document.chunks_total = document.chunks_done = 0
    document.lease_expires_at = None


def _forget(tenant_id: int, public_id: str, sha256: str) -> None:
    path = path_of(tenant_id, public_id, sha256)
    for name in (path, path + PAGES):
        files.delete(name)

"""Where files are kept: attachments, and the client that browsers load."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.core.files.storage import storages

from chat.models import Attachment
from chat.stores.files import path_of
from chatplatform.doctor.findings import Finding, error
from tenants.scope import cross_tenant

_CONTENT: Final = b"Written by manage.py doctor; it may be removed."
_MOST_FILES: Final = 20
CLIENT: Final = ("chatkit/loader.js", "chatkit/client.js", "chatkit/embed.js", "chatkit/frame.js")


def attachments_are_kept() -> Iterable[Finding]:
    """Writes a small file, reads it, and removes it again."""
    storage = storages["attachments"]
    try:
        name = storage.save("doctor/probe", ContentFile(_CONTENT))
        with storage.open(name) as file:
            is_whole = file.read() == _CONTENT
        storage.delete(name)
    except Exception as problem:  # noqa: BLE001 - whatever a storage's own client raises
        yield error("doctor.storage_failed", f"Attachments cannot be stored: {type(problem).__name__}: {problem}")
    else:
        if not is_whole:
            yield error("doctor.storage_failed", "What was stored is not what comes back.")


def attachments_came_along() -> Iterable[Finding]:
    """Looks for the newest files that are named: after a restore, or beside another server, they may be elsewhere."""
    with cross_tenant("manage.py doctor"):
        stored = Attachment.objects.filter(state=Attachment.State.STORED).order_by("-pk")
        newest = list(stored.values_list("tenant_id", "public_id")[:_MOST_FILES])
    storage = storages["attachments"]
    try:
        missing = sum(not storage.exists(path_of(tenant, name)) for tenant, name in newest)
    except Exception:  # noqa: BLE001 - the check before this one has said so
        return
    if missing:
        yield error(
            "doctor.attachments_missing",
            f"{missing} of the newest {len(newest)} attachments are not where they are kept.",
        )


def client_is_there() -> Iterable[Finding]:
    missing = [name for name in CLIENT if not is_there(name)]
    if missing:
        yield error("doctor.assets_missing", f"Missing: {', '.join(missing)}.")


def is_there(name: str) -> bool:
    """Where files are served from: their sources in development, else what collectstatic has written."""
    if settings.SERVESTATIC_USE_FINDERS:
        return finders.find(name) is not None
    return staticfiles_storage.exists(staticfiles_storage.stored_name(name))  # type: ignore[attr-defined]  # StaticFiles has

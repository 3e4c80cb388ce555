"""Files go with what they belong to: a conversation, or a person, whoever deletes it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import pre_delete

from accounts.models import EndUser
from chat.models import Attachment, Thread
from chat.stores import files


def connect() -> None:
    """Listen for rows that are deleted by Django; the database deletes what is below them."""
    pre_delete.connect(_remove_files, sender=Thread)
    pre_delete.connect(_remove_files, sender=EndUser)


def _remove_files(sender: type[Thread | EndUser], instance: Any, **_: Any) -> None:
    """After the commit; files of which the storage does not let go are found by `manage.py cleanup_attachments`."""
    owner = "thread" if sender is Thread else "end_user"
    tenant_id = instance.tenant_id
    rows = Attachment.objects.for_tenant(tenant_id).filter(**{owner: instance.pk})
    ids = list(rows.values_list("public_id", flat=True))

    def remove() -> None:
        for attachment_id in ids:
            files.remove(tenant_id, attachment_id)

    if ids:
        transaction.on_commit(remove, robust=True)

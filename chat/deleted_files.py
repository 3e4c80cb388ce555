"""Files go with the conversation or the person to whom they belong."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.members import end_user_deleted
from accounts.models import EndUser
from chat.models import Attachment
from chat.stores import files


def connect() -> None:
    """Listen for people who are deleted."""
    end_user_deleted.connect(_of_person)


def remove_files(tenant_id: int, **owner: int) -> None:
    """Delete the files of a conversation or a person once the transaction is committed.

    Files of which the storage does not let go are found by `manage.py cleanup_attachments`.

    Args:
        tenant_id: whose rows.
        owner: ``thread`` or ``end_user``, with its key.
    """
    rows = Attachment.objects.for_tenant(tenant_id).filter(**owner)
    ids = list(rows.values_list("public_id", flat=True))

    def remove() -> None:
        for attachment_id in ids:
            files.remove(tenant_id, attachment_id)

    transaction.on_commit(remove, robust=True)


def _of_person(*, end_user: EndUser, **_: Any) -> None:
    remove_files(end_user.tenant_id, end_user=end_user.pk)

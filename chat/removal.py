"""Deleting a conversation on behalf of the tenant."""

from __future__ import annotations

from django.db import transaction

from chat.deleted_files import remove_files
from chat.models import Thread
from tenants.models import AuditEvent
from tenants.scope import tenant_scope


@transaction.atomic
def delete_thread(thread: Thread) -> None:
    """Delete a conversation with its messages, answers, traces, files, verdicts and notes.  What it used stays counted.

    An answer that is being written ends with the next renewal of its lease.
    """
    with tenant_scope(thread.tenant_id):
        AuditEvent.record(thread.tenant_id, "thread.delete", thread)
        remove_files(thread.tenant_id, thread=thread.pk)
        Thread.objects.for_tenant(thread.tenant_id).filter(pk=thread.pk).delete()

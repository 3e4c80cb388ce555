"""Attachment: a file that an end user adds to a message."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from accounts.models import EndUser
from chat.models.thread import Thread
from chatplatform.lib.ids import MAX_ID_LENGTH
from tenants.constraints import TenantForeignKey
from tenants.managers import TenantManager
from tenants.models import Assistant, Tenant


class Attachment(models.Model):
    """A file that an end user gave to an assistant.  Bound to at most one thread, once a message names it.

    Its bytes are in the storage ``attachments``, under names made from ``tenant`` and ``public_id``.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waiting for its content"
        STORING = "storing", "Its content is coming in"
        STORED = "stored", "Stored"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    end_user = models.ForeignKey(EndUser, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    assistant = models.ForeignKey(Assistant, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    thread = models.ForeignKey(
        Thread, on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="+"
    )
    # Serves: load, save and delete of one attachment; tenant and owner are compared on the row that was found.
    public_id = models.CharField(max_length=MAX_ID_LENGTH, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    claimed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the upload began whose content is coming in."
    )
    data = models.JSONField(help_text="ChatKit's attachment JSON.")
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes, as announced; the content has exactly as many.")
    failures = models.PositiveSmallIntegerField(
        db_default=0, help_text="Contents that could not be read; after three it takes no more."
    )
    sha256 = models.CharField(max_length=64, blank=True, help_text="Of the content; empty until it is stored.")
    text = models.TextField(blank=True, help_text="What a document says, for the model.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            TenantForeignKey(field="end_user", to="accounts.EndUser", name="attachment_end_user_of_tenant"),
            TenantForeignKey(field="assistant", to="tenants.Assistant", name="attachment_assistant_of_tenant"),
            TenantForeignKey(field="thread", to="chat.Thread", name="attachment_thread_of_tenant"),
        ]
        indexes = [
            # Serves: how much a tenant stores, for the limit of its plan.
            models.Index(fields=["tenant"], include=["size", "state", "created_at"], name="attachment_sizes"),
            # Serves: cleanup_attachments, which looks for files that no message names.
            models.Index(fields=["created_at"], condition=models.Q(thread=None), name="attachment_unused"),
        ]

    def __str__(self) -> str:
        return self.public_id

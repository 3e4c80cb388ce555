"""Thread: a conversation of one end user with one assistant."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from accounts.models import EndUser
from chatplatform.lib.ids import MAX_ID_LENGTH
from tenants.constraints import TenantForeignKey, tenant_key
from tenants.managers import TenantManager
from tenants.models import Assistant, Tenant


class Thread(models.Model):
    """A conversation.  The bigint key is the monotonic sequence that lists page by; ``public_id`` is ChatKit's thread id."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        LOCKED = "locked", "Locked"
        CLOSED = "closed", "Closed"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    end_user = models.ForeignKey(
        EndUser, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    assistant = models.ForeignKey(
        Assistant, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    # Serves: every operation on a thread; tenant and owner are compared on the row that was found.
    public_id = models.CharField(max_length=MAX_ID_LENGTH, unique=True)
    title = models.CharField(max_length=200, null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    status_reason = models.CharField(max_length=500, null=True, blank=True)
    allowed_image_domains = models.JSONField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True, help_text="Never sent to a browser.")
    epoch = models.IntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="Counts who writes here; an answer of an earlier one is refused.",
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        verbose_name = "conversation"
        constraints = [
            tenant_key("thread_tenant_key"),
            TenantForeignKey(field="end_user", to="accounts.EndUser", name="thread_end_user_of_tenant"),
            TenantForeignKey(field="assistant", to="tenants.Assistant", name="thread_assistant_of_tenant"),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "locked", "closed"]), name="thread_status_known"
            ),
        ]
        indexes = [
            # Serves: threads.list, keyset on id, both directions.
            models.Index(fields=["end_user", "assistant", "id"], name="thread_list"),
            # Serve the review of conversations: those of an assistant, since a day, that wait for somebody or take nothing more.
            models.Index(fields=["assistant", "id"], name="thread_of_assistant"),
            models.Index(fields=["tenant", "created_at"], name="thread_by_day"),
            models.Index(
                fields=["tenant", "id"],
                condition=models.Q(metadata__has_key="waiting_for_human"),
                name="thread_waiting",
            ),
            models.Index(fields=["tenant", "id"], condition=~models.Q(status="active"), name="thread_ended"),
        ]

    def __str__(self) -> str:
        return self.title or self.public_id

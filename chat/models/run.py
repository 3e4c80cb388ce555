"""Run: one answer being produced, which outlives the connection that asked for it."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from accounts.models import EndUser
from chat.models.thread import Thread
from tenants.constraints import TenantForeignKey, tenant_key
from tenants.managers import TenantManager
from tenants.models import Tenant


class Run(models.Model):
    """One answer.  While ``running``, it holds its thread's lock; `chat.stores.lease_queries` says when it is lost."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        COMPLETED = "completed", "Completed"
        CANCELLED = "cancelled", "Cancelled by the user"
        FAILED = "failed", "Failed"
        LOST = "lost", "Lost with its process"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    thread = models.ForeignKey(Thread, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    end_user = models.ForeignKey(EndUser, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    # Serves: attach and cancel.
    public_id = models.CharField(max_length=70, unique=True)
    embed = models.CharField(max_length=70, blank=True, default="", db_default="", help_text="Where it was asked for.")
    operation = models.CharField(max_length=40, help_text="The ChatKit request type that started it.")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    owner = models.CharField(max_length=120, help_text="Channel name of the process that produces it.")
    lease_expires_at = models.DateTimeField(help_text="Renewed by the producer while it lives.")
    epoch = models.IntegerField(default=0, db_default=0, editable=False, help_text="The thread's, when it began.")
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("run_tenant_key"),
            # One answer at a time: the per-thread run lock.
            models.UniqueConstraint(fields=["thread"], condition=models.Q(state="running"), name="run_one_per_thread"),
            TenantForeignKey(field="thread", to="chat.Thread", name="run_thread_of_tenant"),
            TenantForeignKey(field="end_user", to="accounts.EndUser", name="run_end_user_of_tenant"),
        ]
        indexes = [
            # Serves: finding runs whose process died.
            models.Index(fields=["lease_expires_at"], condition=models.Q(state="running"), name="run_lease"),
            # Serves: the review of conversations, for those in which something went wrong.
            models.Index(
                fields=["tenant", "state", "thread"],
                condition=models.Q(state__in=["cancelled", "failed", "lost"]),
                name="run_ended_badly",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

"""ActionToken: leave to do one thing once."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from accounts.models import EndUser
from chat.models.thread import Thread
from tenants.constraints import TenantForeignKey
from tenants.managers import TenantManager
from tenants.models import Tenant


class ActionToken(models.Model):
    """What a button or a form in a thread may do, once and not for long.  Only the SHA-256 of the token is stored."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    thread = models.ForeignKey(Thread, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    end_user = models.ForeignKey(
        EndUser, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    # Serves: the token of a click.
    token_hash = models.BinaryField(max_length=32, unique=True)
    purpose = models.CharField(max_length=40)
    data = models.JSONField(help_text="What was shown to the user, and is done when they agree.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            TenantForeignKey(field="thread", to="chat.Thread", name="actiontoken_thread_of_tenant"),
            TenantForeignKey(field="end_user", to="accounts.EndUser", name="actiontoken_end_user_of_tenant"),
        ]
        indexes = [
            # Serves: removing the ended tokens of an end user, when a new one is issued.
            models.Index(fields=["end_user", "expires_at"], name="actiontoken_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"

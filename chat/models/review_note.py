"""ReviewNote: what somebody who reviews conversations writes about one."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from chat.models.thread import Thread
from tenants.constraints import TenantForeignKey
from tenants.managers import TenantManager
from tenants.models import Tenant


class ReviewNote(models.Model):
    """A note for colleagues.  Neither the end user nor the model ever sees it."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    # Serves: the notes of a thread.
    thread = models.ForeignKey(Thread, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField(max_length=4_000)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [TenantForeignKey(field="thread", to="chat.Thread", name="reviewnote_thread_of_tenant")]

    def __str__(self) -> str:
        return self.text[:60]

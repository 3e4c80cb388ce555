"""Feedback: an end user's verdict on an item."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from accounts.models import EndUser
from chat.models.item import ThreadItem
from tenants.constraints import TenantForeignKey
from tenants.managers import TenantManager
from tenants.models import Tenant


class Feedback(models.Model):
    """A verdict; a second one by the same end user replaces the first."""

    class Kind(models.TextChoices):
        POSITIVE = "positive", "Positive"
        NEGATIVE = "negative", "Negative"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    item = models.ForeignKey(ThreadItem, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    end_user = models.ForeignKey(EndUser, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "end_user"], name="feedback_once"),
            TenantForeignKey(field="item", to="chat.ThreadItem", name="feedback_item_of_tenant"),
            TenantForeignKey(field="end_user", to="accounts.EndUser", name="feedback_end_user_of_tenant"),
        ]
        indexes = [
            # Serves: the review of conversations, for those with a verdict, and how many there were in a time.
            models.Index(fields=["tenant", "updated_at", "kind"], name="feedback_of_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.item_id}"

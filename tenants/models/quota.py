"""Quota: what a tenant's plan allows."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar, Self

from django.core.validators import MinValueValidator
from django.db import models

from tenants.managers import TenantManager
from tenants.models.tenant import Tenant


class Quota(models.Model):
    """The plan of a tenant and its limits.  A limit that is empty is none, and neither is there one without a row.

    Those on answers and files are asked for by `chat.stores.budget`, within the statements that begin them; those on people and
    assistants by `tenants.plans`.
    """

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="+")
    audited: ClassVar[frozenset[str]] = frozenset({"plan"})
    plan = models.CharField(max_length=60, blank=True, help_text="What the plan is called.")
    answers_per_day = models.PositiveIntegerField(
        "answers a day",
        null=True,
        blank=True,
        help_text="Each message that is answered counts.  Days end at midnight UTC.",
    )
    answers_per_month = models.PositiveIntegerField("answers a month", null=True, blank=True)
    tokens_per_month = models.PositiveBigIntegerField(
        "tokens a month", null=True, blank=True, help_text="Input and output, titles and summaries too."
    )
    cost_per_month = models.DecimalField(
        "cost a month",
        max_digits=12,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
        help_text="US dollars, of calls whose price is known.",
    )
    answers_at_once = models.PositiveIntegerField(null=True, blank=True, help_text="Answers that are being written.")
    storage_bytes = models.PositiveBigIntegerField(
        "bytes of files", null=True, blank=True, help_text="Attachments and documents together."
    )
    members = models.PositiveIntegerField(null=True, blank=True, help_text="Open invitations count, too.")
    assistants = models.PositiveIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField("last change", auto_now=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        verbose_name = "plan"
        constraints = [
            models.CheckConstraint(condition=models.Q(cost_per_month__gte=0), name="quota_cost_not_negative"),
        ]

    def __str__(self) -> str:
        return self.plan or "Limits"

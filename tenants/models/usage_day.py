"""UsageDay: the sums of a day's usage, for limits and charts."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from tenants.managers import TenantManager
from tenants.models.tenant import Tenant


class UsageDay(models.Model):
    """What a tenant used on a day (UTC), by the outcome of its runs.  A trigger adds each new row of `Usage` to it.

    Runs that end at once would wait for each other to count themselves: so they do it in several ``slot``s, which are summed up
    by whoever reads.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    day = models.DateField()
    outcome = models.CharField(max_length=10)
    slot = models.PositiveSmallIntegerField()
    answers = models.PositiveIntegerField(help_text="Runs; what else a model was asked for is in the other sums only.")
    input_tokens = models.PositiveBigIntegerField()
    output_tokens = models.PositiveBigIntegerField()
    cost = models.DecimalField(max_digits=18, decimal_places=8, help_text="US dollars, where a price is known.")
    first_token_ms = models.PositiveBigIntegerField(help_text="Of all answers that had a first token together.")
    first_tokens = models.PositiveIntegerField(help_text="How many had one.")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            # Serves: adding to a day, the limits of a month, and the charts.
            models.UniqueConstraint(fields=["tenant", "day", "outcome", "slot"], name="usageday_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.answers} {self.outcome}"

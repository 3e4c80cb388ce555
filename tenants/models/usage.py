"""Usage: what a run of a tenant's assistant used."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from tenants.constraints import TenantForeignKey, tenant_key
from tenants.managers import TenantManager
from tenants.models.assistant import Assistant
from tenants.models.tenant import Tenant


class Usage(models.Model):
    """One row for each run, whatever became of it, and for each task, recording and batch of texts for which a model was asked.

    It outlives the conversation, whose run it names but does not point to; that of anything else is nowhere else.
    """

    class Purpose(models.TextChoices):
        ANSWER = "answer", "Answer"
        TITLE = "title", "Title of a conversation"
        SUMMARY = "summary", "Summary of a conversation"
        SPEECH = "speech", "Dictation"
        VECTORS = "vectors", "Vectors of documents and questions"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    assistant = models.ForeignKey(
        Assistant, on_delete=models.DO_NOTHING, db_constraint=False, null=True, blank=True, related_name="+"
    )
    # Serves: the one row of a run, which may be written twice.
    run = models.CharField(max_length=70, unique=True, help_text="The run's public id.")
    end_user = models.CharField(
        max_length=70, help_text="The end user's public id; empty where it was for nobody in particular."
    )
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.ANSWER, db_default=Purpose.ANSWER)
    provider = models.CharField(max_length=24)
    model = models.CharField(max_length=120, help_text="The model that answered last.")
    requests = models.PositiveIntegerField("calls of models", help_text="Calls of models that had begun to answer.")
    input_tokens = models.PositiveBigIntegerField()
    cached_tokens = models.PositiveBigIntegerField(help_text="Those of the input that the provider had read before.")
    output_tokens = models.PositiveBigIntegerField()
    reasoning_tokens = models.PositiveBigIntegerField(help_text="Those of the output that were thoughts.")
    is_estimated = models.BooleanField(
        "estimated",
        default=False,
        db_default=False,
        help_text="Whether a call was stopped or broke off, so that its tokens are an estimate.",
    )
    cost = models.DecimalField(
        max_digits=16, decimal_places=8, null=True, blank=True, help_text="US dollars; empty where no price is known."
    )
    prices = models.JSONField(
        default=dict, help_text="What a million tokens, or an hour of speech, cost then, in US dollars."
    )
    first_token_ms = models.PositiveIntegerField("milliseconds to the first token", null=True, blank=True)
    total_ms = models.PositiveIntegerField("milliseconds in all")
    outcome = models.CharField(max_length=10, help_text="The run's state at its end.")
    error_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField("when")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("usage_tenant_key"),
            TenantForeignKey(
                field="assistant", to="tenants.Assistant", name="usage_assistant_of_tenant", on_delete="SET NULL"
            ),
        ]
        indexes = [
            # Serves: what a tenant used in a month.
            models.Index(fields=["tenant", "created_at"], name="usage_of_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.input_tokens} + {self.output_tokens} tokens"

"""RunTrace: what a run was given and did, kept for whoever looks into it."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models

from chat.models.run import Run
from tenants.constraints import TenantForeignKey
from tenants.managers import TenantManager
from tenants.models import Tenant


class RunTrace(models.Model):
    """The close look at one run, for `RUN_TRACES_DAYS`.  Goes with its thread."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    context = models.JSONField(
        help_text="Who asked, in which languages, from which page; what a browser says is untrusted."
    )
    steps = models.JSONField(help_text="Calls of models and tools, with what they were sent.")
    events = models.JSONField(help_text="[milliseconds, event] of the run's log.")
    is_cut = models.BooleanField(default=False, help_text="There was more than is kept.")
    # Serves: cleanup_run_traces, which walks traces by their age.
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            # Serves: the trace of a run, which has one at most.
            models.UniqueConstraint(fields=["run", "tenant"], name="runtrace_once"),
            TenantForeignKey(field="run", to="chat.Run", name="runtrace_run_of_tenant"),
        ]

    def __str__(self) -> str:
        return f"trace of {self.run_id}"

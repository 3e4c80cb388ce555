"""The SQL behind traces: keeping one, and removing the old ones."""

from __future__ import annotations

from datetime import datetime

from chat.models import RunTrace
from chat.stores import codec
from chat.stores.base import OpenedRun
from chat.stores.trace import Trace
from chatplatform.lib.db_pool import fetch
from tenants.scope import cross_tenant


def keep(run: OpenedRun, trace: Trace) -> None:
    """Nothing where the run is gone, with its thread."""
    events = codec.to_text(trace.events())  # first: it may say that there was too much
    fetch(
        "INSERT INTO chat_runtrace (tenant_id, run_id, context, steps, events, is_cut, created_at) "
        "SELECT tenant_id, id, %s::jsonb, %s::jsonb, %s::jsonb, %s, now() FROM chat_run WHERE public_id = %s AND tenant_id = %s "
        "ON CONFLICT (run_id, tenant_id) DO NOTHING",
        (
            codec.to_text(trace.context),
            codec.to_text(trace.steps),
            events,
            trace.is_cut,
            run.run_id,
            run.context.tenant.id,
        ),
    )


def count_older(before: datetime) -> int:
    """How many traces there are from before a moment."""
    with cross_tenant("cleanup of traces"):
        return RunTrace.objects.filter(created_at__lt=before).count()


def remove_older(before: datetime, limit: int) -> int:
    """Remove at most ``limit`` of them; how many were removed."""
    rows = fetch(
        "DELETE FROM chat_runtrace WHERE id IN (SELECT id FROM chat_runtrace WHERE created_at < %s ORDER BY created_at LIMIT %s "
        "FOR UPDATE SKIP LOCKED) RETURNING id",
        (before, limit),
        across="traces are forgotten in every tenant",
    )
    return len(rows)

"""Visitors of whom nothing is left: no session, no conversation, no file, whatever models there are."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import cache

from django.db import transaction

from accounts.models import EndUser
from chatplatform.lib.db_pool import fetch
from tenants.models import AuditEvent
from tenants.scope import cross_tenant

_REASON = "visitors are forgotten in every tenant"


def count_idle(moment: datetime) -> int:
    """How many came before ``moment`` and left nothing."""
    sql = f"SELECT count(*) FROM accounts_enduser e WHERE {_idle()}"  # noqa: S608 - names of our tables
    return int(fetch(sql, (moment,), across=_REASON)[0][0])


def remove_idle(moment: datetime, most: int) -> int:
    """Delete up to ``most`` of them; returns how many.  Each tenant's audit trail says how many were its."""
    sql = (
        "DELETE FROM accounts_enduser WHERE id IN (SELECT e.id FROM accounts_enduser e "  # noqa: S608 - the same
        f"WHERE {_idle()} LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING tenant_id"
    )
    with transaction.atomic():
        removed = Counter(tenant_id for (tenant_id,) in fetch(sql, (moment, most), across=_REASON))
        with cross_tenant("visitors are forgotten in every tenant"):
            for tenant_id, number in removed.items():
                AuditEvent.record(tenant_id, "enduser.cleanup", after={"removed": number})
    return removed.total()


@cache
def _idle() -> str:
    """A condition on a row ``e``.  Who was suspended is remembered."""
    pointing = [
        relation.field  # type: ignore[union-attr]  # those that Django made have one
        for relation in EndUser._meta.get_fields(include_hidden=True)
        if relation.auto_created and relation.one_to_many
    ]
    left = [
        f"NOT EXISTS (SELECT FROM {field.model._meta.db_table} x WHERE x.{field.column} = e.id)" for field in pointing
    ]
    return " AND ".join(["e.kind = 'anonymous'", "e.suspended_at IS NULL", "e.created_at < %s", *left])

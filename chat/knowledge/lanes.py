"""Lanes: each tenant's documents are read one after another, and the tenants take turns.

A lane is a task in the queue that does a few seconds of a tenant's work and goes to the end of the queue again.  So a tenant with a
hundred thousand documents makes another with one wait for a few seconds, and titles of conversations, which have a higher priority,
for as long.  A second task waits for the end of a lease: when a worker is killed, it goes on with what was left.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

#: After how long without a sign from its worker a document is taken by another.
LEASE = timedelta(minutes=5)
#: Seconds that a lane works before it is another's turn.
TURN = 5.0
#: Below titles and summaries, for which somebody waits.
PRIORITY = -10


def wake(tenant_id: int, *, after: timedelta | None = None) -> None:
    """See to it that the tenant's lane has a turn, now or after a while; one that waits already is enough."""
    from chat.knowledge.tasks import ingest

    now = timezone.now()
    waiting = DBTaskResult.objects.filter(task_path=ingest.module_path, status="READY", args_kwargs__args=[tenant_id])
    if after is None:
        # Immediate tasks have a time far away.
        is_there = waiting.filter(Q(run_after__lte=now) | Q(run_after__gte=now + timedelta(days=365)))
        run_after: datetime | None = None
    else:
        is_there, run_after = waiting.filter(run_after__lte=now + after), now + after
    if not is_there.exists():
        ingest.using(run_after=run_after).enqueue(tenant_id)

"""The queue of `manage.py db_worker`: how much is due, and for how long."""

from __future__ import annotations

from typing import Final, NamedTuple

from chatplatform.lib.db_pool import fetch

#: So many are looked at, so that a probe costs milliseconds however long the queue is.
MOST: Final = 10_000
#: A task without a time has one far away; one with a time waits from then on.
_WAITING: Final = f"""
SELECT count(*), coalesce(extract(epoch FROM now() - min(since)), 0)::float8 FROM (
    SELECT CASE WHEN run_after <= now() THEN greatest(run_after, enqueued_at) ELSE enqueued_at END AS since
    FROM django_tasks_database_dbtaskresult
    WHERE status = 'READY' AND (run_after <= now() OR run_after >= now() + interval '1 year')
    LIMIT {MOST}
) AS due
"""  # noqa: S608 - a constant


class Waiting(NamedTuple):
    """How many tasks are due, and for how many seconds the oldest of them is."""

    tasks: int
    seconds: float


def waiting() -> Waiting:
    """One query, for the pool of `chatplatform.lib.db_pool`."""
    ((tasks, seconds),) = fetch(_WAITING)
    return Waiting(tasks, max(seconds, 0.0))

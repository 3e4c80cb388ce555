"""The SQL behind leases: when a run is lost, and who may go on.

The one rule: a run is lost when its lease is past, and the database has answered whoever says so for a whole lease without a gap.
So its producer could have renewed it, and did not: time without a database counts against nobody.  All times are the database's.

Whoever gives a run up locks its thread first, and changes the thread's epoch: `chat.stores.fence.FENCE` then refuses what the
former producer writes.  See docs/decisions/012-leases-and-fences.md.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from chat.stores.base import Answering, LostRun
from chatplatform.lib.db_pool import fetch

#: A lease that begins when its row is written; ``now()`` is the time before the statement waited for a lock.
#: Takes `lease_seconds()`.
LEASE: Final = "clock_timestamp() + make_interval(secs => %s)"
#: A gap shorter than this share of a lease costs no lease: producers renew theirs in every third of one.
LONGEST_GAP: Final = 0.5
#: How many threads one statement gives up.
_BATCH: Final = 100
_SILENT = "state = 'running' AND lease_expires_at < now()"
#: Whether whoever asks may say so.  Takes `_judge`.
_MAY_JUDGE = """
%s::timestamptz <= now() - make_interval(secs => %s) AND %s::timestamptz >= now() - make_interval(secs => %s)"""

#: Ends the silent runs of threads that are locked; what they had written is there, marked as lost by its checkpoints.
_GIVE_UP = f"""
WITH lost AS (UPDATE chat_run SET state = 'lost', error_code = 'run_lost', finished_at = now()
               WHERE thread_id = ANY(%s::bigint[]) AND {_SILENT} AND {_MAY_JUDGE}
              RETURNING thread_id, public_id, owner),
     taken AS (UPDATE chat_thread SET epoch = epoch + 1 WHERE id IN (SELECT thread_id FROM lost))
SELECT public_id, owner FROM lost"""


def lease_seconds() -> float:
    return float(settings.CHAT_RUN_LEASE_SECONDS)


def look_for_silent_runs() -> tuple[datetime, bool]:
    (row,) = fetch(
        f"SELECT now(), EXISTS (SELECT FROM chat_run WHERE {_SILENT})",
        across="a process that died answered in many tenants",
    )
    return row[0], row[1]


def give_up_silent_runs(answering: Answering) -> list[LostRun]:
    with transaction.atomic():
        keys = fetch(
            f"SELECT t.id FROM chat_thread t JOIN chat_run r ON r.thread_id = t.id WHERE r.{_SILENT} AND {_MAY_JUDGE} "
            f"ORDER BY t.id LIMIT {_BATCH} FOR NO KEY UPDATE OF t SKIP LOCKED",
            _judge(answering),
            across="a process that died answered in many tenants",
        )
        if not keys:
            return []
        rows = fetch(
            _GIVE_UP,
            ([key for (key,) in keys], *_judge(answering)),
            across="a process that died answered in many tenants",
        )
    return [LostRun(*row) for row in rows]


def give_up(thread_key: int, answering: Answering | None) -> list[LostRun]:
    """End the run of one thread, which is locked, if that is silent; ``answering`` is None for who may not say so."""
    if answering is None:
        return []
    return [LostRun(*row) for row in fetch(_GIVE_UP, ([thread_key], *_judge(answering)))]


def _judge(answering: Answering) -> tuple[datetime, float, datetime, float]:
    return answering.since, lease_seconds(), answering.until, lease_seconds() * LONGEST_GAP

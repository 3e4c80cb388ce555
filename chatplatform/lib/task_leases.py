"""Leases of background tasks: how a task is taken from a worker that died.

`django-tasks-db` marks a task as running and waits for its worker, for ever.  The worker of ours writes into the task's row, every
quarter of `WORKER_LEASE_SECONDS`, until when it will be heard of again; past that time the worker counts as dead and the task is
due again.  A task has a bounded number of attempts, so that one that kills its worker does not kill every worker in turn.

Tasks run at least once.  A worker that was only frozen finishes beside its successor: each task of ours may be done twice.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from django.conf import settings

from chatplatform.lib.db_pool import fetch

#: How often a task is begun, until it is given up.
MAX_ATTEMPTS: Final = 3


class WorkerLostError(Exception):
    """Kept as the reason of a task that was given up: its worker died at each attempt."""


WORKER_LOST: Final = f"{WorkerLostError.__module__}.{WorkerLostError.__qualname__}"
#: The row keeps it where the package keeps the arguments, and reads only those.
_KEY: Final = "lease_expires_at"
_RENEW: Final = f"""
UPDATE django_tasks_database_dbtaskresult
   SET args_kwargs = args_kwargs || jsonb_build_object('{_KEY}', now() + make_interval(secs => %s))
 WHERE id = %s::uuid AND status = 'RUNNING' AND worker_ids->>-1 = %s"""  # noqa: S608 - a constant
# A task that was begun a moment ago has no lease yet: it counts from its beginning.
_RECOVER: Final = f"""
UPDATE django_tasks_database_dbtaskresult AS task
   SET status = CASE WHEN attempts < %s THEN 'READY' ELSE 'FAILED' END,
       run_after = CASE WHEN attempts < %s THEN now() ELSE run_after END,
       finished_at = CASE WHEN attempts < %s THEN NULL ELSE now() END,
       exception_class_path = CASE WHEN attempts < %s THEN '' ELSE %s END,
       args_kwargs = args_kwargs - '{_KEY}'
  FROM (SELECT id, jsonb_array_length(worker_ids) AS attempts
          FROM django_tasks_database_dbtaskresult
         WHERE status = 'RUNNING'
           AND coalesce((args_kwargs->>'{_KEY}')::timestamptz, started_at + make_interval(secs => %s)) < now()
           FOR UPDATE SKIP LOCKED) AS lost
 WHERE task.id = lost.id
RETURNING task.status"""  # noqa: S608 - a constant
_RETRY: Final = """
UPDATE django_tasks_database_dbtaskresult
   SET status = 'READY', run_after = now(), finished_at = NULL, exception_class_path = '', traceback = ''
 WHERE id = %s::uuid AND status = 'FAILED' AND jsonb_array_length(worker_ids) < %s"""
_GIVEN_UP: Final = """
SELECT count(*) FROM (
    SELECT FROM django_tasks_database_dbtaskresult WHERE status = 'FAILED' AND exception_class_path = %s LIMIT 1000) AS found"""


class Recovered(NamedTuple):
    """Of the tasks whose workers died: how many are due again, and how many were given up."""

    retried: int
    given_up: int


def renew(task_id: str, worker_id: str) -> None:
    """Say that this worker still does the task.  One statement."""
    fetch(_RENEW, (float(settings.WORKER_LEASE_SECONDS), task_id, worker_id))


def retry(task_id: str) -> None:
    """Make a task due again that failed for a reason outside of it.  One statement."""
    fetch(_RETRY, (task_id, MAX_ATTEMPTS))


def recover() -> Recovered:
    """Take the tasks of workers that died.  One statement; two workers that call it at once share them."""
    rows = fetch(_RECOVER, (*[MAX_ATTEMPTS] * 4, WORKER_LOST, float(settings.WORKER_LEASE_SECONDS)))
    given_up = sum(status == "FAILED" for (status,) in rows)
    return Recovered(len(rows) - given_up, given_up)


def given_up() -> int:
    """How many tasks were given up, of those that are kept (up to 1000).  One query."""
    return int(fetch(_GIVEN_UP, (WORKER_LOST,))[0][0])

"""Whether this process should be sent requests: what `/readyz` asks, each part with a verdict of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeVar

from django.conf import settings
from django.db import DatabaseError

from chat import events
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.queue import Waiting, waiting
from chatplatform.lib.termination import termination

#: How long each part may take to answer, in seconds.
PATIENCE = 3.0

T = TypeVar("T")
Verdict = Literal["ok", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class Health:
    """The verdicts.  ``worker`` is unknown while the database, which holds its queue, does not answer."""

    process: Verdict
    database: Verdict
    channel_layer: Verdict
    worker: Verdict
    waiting: Waiting | None

    @property
    def is_ready(self) -> bool:
        return "failed" not in (self.process, self.database, self.channel_layer, self.worker)

    def report(self) -> dict[str, Any]:
        """What is told to everybody: verdicts and figures, no address and no exception."""
        found = asdict(self)
        queue = found.pop("waiting")
        checks = {name: {"status": verdict} for name, verdict in found.items()}
        if queue is not None:
            checks["worker"] |= {"waiting_tasks": queue[0], "oldest_seconds": round(queue[1], 1)}
        return {"ready": self.is_ready, "checks": checks}


async def examine() -> Health:
    """One query, and one message to ourselves by way of the channel layer."""
    queue, hears = await asyncio.gather(look_at_queue(), _in_time(events.hears_itself(PATIENCE)))
    return Health(
        process="failed" if termination.is_near else "ok",
        database="failed" if queue is None else "ok",
        channel_layer="ok" if hears else "failed",
        worker="unknown" if queue is None else "failed" if _lags(queue) else "ok",
        waiting=queue,
    )


async def look_at_queue() -> Waiting | None:
    """What waits for the worker; None when the database does not answer in time."""
    return await _in_time(in_database(waiting))


def _lags(queue: Waiting) -> bool:
    return 0 < settings.WORKER_LAG_SECONDS < queue.seconds


async def _in_time(answer: Awaitable[T]) -> T | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await answer
    except (TimeoutError, PlatformError, DatabaseError):  # the last where nobody has migrated yet
        return None

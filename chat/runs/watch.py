"""LeaseWatch: finds the runs whose processes died, and knows whether it may say so.

Each process asks the store for its clock in every sixth of a lease, which is one small statement.  From the answers it knows since
when the store has answered without a gap: the evidence that `chat.stores.lease_queries` asks for.
"""

from __future__ import annotations

import asyncio
import logging
from contextvars import Context
from typing import Final

from django.conf import settings

from chat import events
from chat.stores.base import Answering, LostRun, PlatformStore
from chat.stores.lease_queries import LONGEST_GAP
from chatplatform.lib.errors import PlatformError

logger = logging.getLogger(__name__)

#: How often it asks, as a share of a lease: a busy process may be late by twice that before it counts as a gap.
_INTERVAL: Final = 1 / 6


class LeaseWatch:
    """The watch of one event loop over the runs of all processes."""

    def __init__(self) -> None:
        #: None while the store does not answer, and before it was asked.
        self.answering: Answering | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, store: PlatformStore) -> None:
        """Begin to watch (once)."""
        if self._task is None:
            # In a context of its own: it is not about the request that happened to come first.
            self._task = asyncio.create_task(self._watch(store), context=Context())

    async def _watch(self, store: PlatformStore) -> None:
        while True:
            try:
                await self._look(store)
            except PlatformError:
                self.answering = None
            except Exception as error:  # noqa: BLE001 - a database that is not migrated yet, for instance
                self.answering = None
                logger.warning("nobody looked for lost answers: %s", type(error).__name__)
            await asyncio.sleep(settings.CHAT_RUN_LEASE_SECONDS * _INTERVAL)

    async def _look(self, store: PlatformStore) -> None:
        now, some_are_silent = await store.look_for_silent_runs()
        before = self.answering
        gap = settings.CHAT_RUN_LEASE_SECONDS * LONGEST_GAP
        is_whole = before is not None and (now - before.until).total_seconds() <= gap
        self.answering = Answering(since=before.since if before is not None and is_whole else now, until=now)
        if some_are_silent:
            await tell_owners(await store.give_up_silent_runs(self.answering))


async def tell_owners(lost: list[LostRun]) -> None:
    """Tell the processes that their runs were given up: one that lives nevertheless stops at once, not at its next write."""
    for run in lost:
        logger.warning("the run %s was given up as lost: its process is silent", run.run_id)
        await events.tell(run.owner, {"type": "run.superseded", "run_id": run.run_id})

"""RunRegistry: the runs that this process produces.

It starts them, finds them for readers, keeps their leases alive, and stores the state of unfinished answers at most once a second.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import AsyncGenerator
from itertools import islice
from typing import Any

from django.conf import settings

from accounts.session_watch import session_watch
from chat import events
from chat.agents.deltas import AnswerEvent
from chat.runs import figures
from chat.runs.cancellation import CancelHandler
from chat.runs.live import LiveRun
from chat.stores.base import OpenedRun, PlatformStore
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.termination import termination

logger = logging.getLogger(__name__)

#: How many rounds of checkpoints an interval has, and how many unfinished answers are stored in each.  One round of many would keep
#: the interpreter busy for longer than a stream may stand still; and more answers share the rounds: the database's work is bounded.
ROUNDS, CHECKPOINTS_PER_ROUND = 10, 5
#: What an ending process gives the readers to get the last frames, and those that were given up to be stored, in seconds.
LAST_FRAMES, LAST_WRITES = 0.1, 5.0
#: How long a reader at another process waits for the owner between two signs of life, in seconds.
RELAY_HEARTBEAT = 2.0


class RunRegistry:
    """All live runs of one event loop."""

    def __init__(self) -> None:
        self._runs: dict[str, LiveRun] = {}
        self._keeper: asyncio.Task[None] | None = None
        #: The readers at other processes that frames are sent to, by their ids.
        self._relayed: set[str] = set()
        mailbox = events.mailbox()
        mailbox.handle("run.attach", self._relay)
        mailbox.handle("run.detach", self._detach)
        mailbox.handle("run.cancel", self._cancel_told)
        termination.wait_for(self.drain)

    async def owner(self) -> str:
        """The name under which other processes reach this one, and under which it takes new runs.

        Raises:
            PlatformError: ``shutting_down``; the process finishes the runs that it has, and takes no more.
        """
        if termination.is_near:
            raise PlatformError("shutting_down", headers={"Retry-After": "1"})
        return await events.mailbox().open()

    def start(
        self,
        opened: OpenedRun,
        head: list[bytes],
        answer: AsyncGenerator[AnswerEvent, None],
        store: PlatformStore,
        *,
        on_cancel: CancelHandler | None = None,
    ) -> LiveRun:
        """Begin to produce an answer.

        Args:
            head: the frames that come before it.
            on_cancel: decides what becomes of unfinished items when it is cancelled, in the place of the platform.
        """
        run = LiveRun(opened, store, on_cancel)
        run.checkpoint_at = asyncio.get_running_loop().time() + settings.CHAT_RUN_CHECKPOINT_SECONDS
        for ready in head:
            run.log.append(ready)
        self._runs[opened.run_id] = run
        figures.run_began(opened)
        stop_watching = session_watch().add(opened.context.session, run.cancel)

        def on_end(ended: LiveRun) -> None:
            stop_watching()
            self._ended(ended)

        run.start(answer, on_end=on_end)
        if self._keeper is None or self._keeper.done():
            self._keeper = asyncio.create_task(self._keep())
        return run

    def get(self, run_id: str) -> LiveRun | None:
        """A run of this process that is going on."""
        return self._runs.get(run_id)

    def cancel_thread(self, thread_id: str) -> None:
        """Stop what is being written in a thread that was deleted.  Elsewhere it ends when it finds the thread gone."""
        for run in [run for run in self._runs.values() if run.thread.id == thread_id]:
            run.cancel()

    async def drain(self) -> None:
        """Bring every answer to its end; one that takes longer than `CHAT_DRAIN_SECONDS` is kept as far as it came."""
        await self._until_ended(settings.CHAT_DRAIN_SECONDS)
        for run in self._runs.values():
            run.give_up()
        await self._until_ended(LAST_WRITES)

    async def _until_ended(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while tasks := [run.task for run in self._runs.values() if run.task is not None]:
            await asyncio.wait(tasks, timeout=max(deadline - loop.time(), 0))
            await asyncio.sleep(LAST_FRAMES)
            if loop.time() >= deadline:
                return

    def __len__(self) -> int:
        return len(self._runs)

    def _ended(self, run: LiveRun) -> None:
        self._runs.pop(run.opened.run_id, None)
        figures.run_ended(run.opened, run.outcome)

    async def _keep(self) -> None:
        """While there are runs: store checkpoints, renew leases, hear of cancellations."""
        loop = asyncio.get_running_loop()
        renew_at = loop.time()
        while self._runs:
            await asyncio.sleep(min(settings.CHAT_RUN_CHECKPOINT_SECONDS / ROUNDS, settings.CHAT_RUN_LEASE_SECONDS / 3))
            try:
                await self._checkpoint()
                if loop.time() >= renew_at and self._runs:
                    # Every third of a lease, so that one failed attempt costs nothing.
                    renew_at = loop.time() + settings.CHAT_RUN_LEASE_SECONDS / 3
                    await self._renew()
            except PlatformError:
                continue  # the database is away: the next round tries again
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the leases of all answers
                logger.error("a round of checkpoints and leases failed: %s", type(error).__name__)  # noqa: TRY400

    async def _checkpoint(self) -> None:
        now = asyncio.get_running_loop().time()
        due = (run for run in self._runs.values() if run.checkpoint_at <= now and run.has_changed())
        by_store: dict[PlatformStore, list[LiveRun]] = {}
        for run in list(islice(due, CHECKPOINTS_PER_ROUND)):
            by_store.setdefault(run.store, []).append(run)
            run.checkpoint_at = now + settings.CHAT_RUN_CHECKPOINT_SECONDS
            # Stored runs go to the end of the queue, so that everybody's turn comes.
            self._runs[run.opened.run_id] = self._runs.pop(run.opened.run_id)
        for store, runs in by_store.items():
            done = asyncio.get_running_loop().create_future()
            for run in runs:
                run.saving = done
            try:
                await store.checkpoint([point for run in runs for point in run.checkpoints()])
            except BaseException:
                for run in runs:
                    run.checkpoint_failed()
                raise
            finally:
                done.set_result(None)
                for run in runs:
                    run.saving = None

    async def _renew(self) -> None:
        by_store: dict[PlatformStore, list[str]] = {}
        for run_id, run in self._runs.items():
            by_store.setdefault(run.store, []).append(run_id)
        for store, run_ids in by_store.items():
            for run_id in await store.renew_leases(run_ids):
                if (stopped := self._runs.get(run_id)) is not None:
                    stopped.cancel()

    async def _cancel_told(self, message: dict[str, Any]) -> None:
        if (run := self._runs.get(message["run_id"])) is not None:
            run.cancel()

    async def _detach(self, message: dict[str, Any]) -> None:
        self._relayed.discard(message["reply_to"]["reader"])

    async def _relay(self, message: dict[str, Any]) -> None:
        """Serve a reader at another process: everything after its position, then what comes, then the end."""
        run, address = self._runs.get(message["run_id"]), message["reply_to"]
        if run is None:
            await events.answer(address, {"type": "run.gone"})
            return
        self._relayed.add(address["reader"])
        try:
            await self._relay_frames(run, int(message["after"]), address)
        finally:
            self._relayed.discard(address["reader"])

    async def _relay_frames(self, run: LiveRun, position: int, address: dict[str, Any]) -> None:
        async for batch in run.log.follow(position, heartbeat=RELAY_HEARTBEAT):
            sent = {"type": "run.frames", "after": position, "count": len(batch), "data": b"".join(batch).decode()}
            for _ in range(30):
                if address["reader"] not in self._relayed:
                    return  # it has left
                if await events.answer(address, sent):
                    break
                await asyncio.sleep(0.1)
            else:
                return  # its process is gone, or does not keep up: it will attach again
            position += len(batch)
            await asyncio.sleep(0.02)  # what comes meanwhile goes in one message
        await events.answer(address, {"type": "run.end"})


_registries: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, RunRegistry] = weakref.WeakKeyDictionary()


def registry() -> RunRegistry:
    """The registry of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _registries.get(loop)
    if found is None:
        found = _registries[loop] = RunRegistry()
    return found

"""RunRegistry: the runs that this process produces.

It starts them, finds them for readers, keeps their leases alive, and stores the state of unfinished answers at most once a second.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable
from itertools import islice
from typing import Any

from django.conf import settings

from accounts.session_watch import session_watch
from chat import events
from chat.agents.deltas import AnswerEvent
from chat.runs import figures
from chat.runs.cancellation import CancelHandler
from chat.runs.live import LiveRun
from chat.runs.watch import LeaseWatch, tell_owners
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
#: How long after a renewal of leases that failed the next one is tried, in seconds.
RENEWAL_RETRY = 0.2


class RunRegistry:
    """All live runs of one event loop."""

    def __init__(self) -> None:
        self._runs: dict[str, LiveRun] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._notices: set[asyncio.Task[None]] = set()
        self.watch = LeaseWatch()
        #: The readers at other processes that frames are sent to, by their ids.
        self._relayed: set[str] = set()
        mailbox = events.mailbox()
        mailbox.handle("run.attach", self._relay)
        mailbox.handle("run.detach", self._detach)
        mailbox.handle("run.cancel", self._cancel_told)
        mailbox.handle("run.superseded", self._superseded_told)
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
        if opened.took_over:
            notice = asyncio.create_task(tell_owners(opened.took_over))
            self._notices.add(notice)
            notice.add_done_callback(self._notices.discard)
        figures.run_began(opened)
        stop_watching = session_watch().add(opened.context.session, run.cancel)

        def on_end(ended: LiveRun) -> None:
            stop_watching()
            self._ended(ended)

        run.start(answer, on_end=on_end)
        # Two tasks: checkpoints that wait for a table must not cost the leases.
        for keep in (self._keep_checkpoints, self._keep_leases):
            keeper = self._keepers.get(keep.__name__)
            if keeper is None or keeper.done():
                self._keepers[keep.__name__] = asyncio.create_task(keep())
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

    async def _keep_checkpoints(self) -> None:
        """While there are runs, store what is unfinished."""
        while self._runs:
            await asyncio.sleep(settings.CHAT_RUN_CHECKPOINT_SECONDS / ROUNDS)
            await self._try(self._checkpoint)

    async def _keep_leases(self) -> None:
        """While there are runs, renew their leases, and hear of those that must stop."""
        # Every third of a lease, so that one failed attempt costs nothing; at once when the database is back.
        pause = third = settings.CHAT_RUN_LEASE_SECONDS / 3
        while self._runs:
            await asyncio.sleep(pause)
            pause = third if await self._try(self._renew) else min(third, RENEWAL_RETRY)

    async def _try(self, work: Callable[[], Awaitable[None]]) -> bool:
        try:
            await work()
        except PlatformError:
            return False  # the database is away: the next round tries again
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end what is done for all answers
            logger.error("a round of checkpoints and leases failed: %s", type(error).__name__)  # noqa: TRY400
            return False
        return True

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
            for run_id, reason in (await store.renew_leases(run_ids)).items():
                if (stopped := self._runs.get(run_id)) is not None:
                    stopped.supersede() if reason == "superseded" else stopped.cancel()

    async def _cancel_told(self, message: dict[str, Any]) -> None:
        if (run := self._runs.get(message["run_id"])) is not None:
            run.cancel()

    async def _superseded_told(self, message: dict[str, Any]) -> None:
        if (run := self._runs.get(message["run_id"])) is not None:
            run.supersede()

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
            number = int(message["after"])
            if message.get("stored"):
                number, caught_up = run.catch_up(number)
                first = {"type": "run.caught_up", "number": number, "data": caught_up.decode()}
            else:
                first = {"type": "run.frames", "after": number, "data": ""}
            # At once, so that the reader need not wait for the next word to know that somebody is here.
            if await self._deliver(first, address):
                await self._relay_frames(run, number, address)
        finally:
            self._relayed.discard(address["reader"])

    async def _relay_frames(self, run: LiveRun, number: int, address: dict[str, Any]) -> None:
        async for batch in run.log.follow(number, heartbeat=RELAY_HEARTBEAT):
            sent = {"type": "run.frames", "after": number, "data": b"".join(batch).decode()}
            if not await self._deliver(sent, address):
                return
            number += len(batch)
            await asyncio.sleep(0.02)  # what comes meanwhile goes in one message
        await events.answer(address, {"type": "run.end"})

    async def _deliver(self, message: dict[str, Any], address: dict[str, Any]) -> bool:
        """Send to a reader; False when it has left, its process is gone, or it does not keep up and will attach again."""
        for _ in range(30):
            if address["reader"] not in self._relayed:
                return False
            if await events.answer(address, message):
                return True
            await asyncio.sleep(0.1)
        return False


_registries: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, RunRegistry] = weakref.WeakKeyDictionary()


def registry() -> RunRegistry:
    """The registry of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _registries.get(loop)
    if found is None:
        found = _registries[loop] = RunRegistry()
    return found

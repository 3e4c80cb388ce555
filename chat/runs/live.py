"""LiveRun: a run in the process that produces it.

One task iterates the answer from start to end, gives each event its number in the log, and stores items as they are finished.  The
connection that asked for the answer only follows the log: when it is lost, nothing happens here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import orjson
from chatkit.errors import CustomStreamError, ErrorCode, StreamError
from chatkit.store import NotFoundError
from chatkit.types import (
    ErrorEvent,
    SDKHiddenContextItem,
    ThreadCreatedEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    ThreadUpdatedEvent,
)
from django.conf import settings

from chat.agents.deltas import AnswerEvent, TextDelta
from chat.runs.cancellation import CancelHandler, handled
from chat.runs.follow_ups import follow_up
from chat.runs.frames import ITEM_UPDATED, error_frame, event_frame, frame, item_frame
from chat.runs.images import adopted
from chat.runs.log import RunLog, TracedLog
from chat.runs.pending import PendingItem
from chat.runs.retries import retried
from chat.stores import codec
from chat.stores.base import Checkpoint, Interruption, OpenedRun, PlatformStore, Stop, changes_between, now, storable
from chat.stores.fence import writing_for
from chat.stores.trace import Trace
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from chatplatform.lib.logs import about
from chatplatform.lib.telemetry import lasting

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: An answer whose model never waits gives way to the others after so many events.
EVENTS_PER_SLICE = 32
CANCELLED_NOTE = "The user stopped this answer. Do not continue it."


class LiveRun:
    """Producer, log and unfinished items of one run."""

    __slots__ = (
        "_closing",
        "_last_thread",
        "_on_cancel",
        "_removed",
        "_stopped",
        "checkpoint_at",
        "log",
        "opened",
        "outcome",
        "pending",
        "saving",
        "store",
        "task",
    )

    def __init__(self, opened: OpenedRun, store: PlatformStore, on_cancel: CancelHandler | None = None) -> None:
        self.opened = opened
        self.store = store
        self.log = RunLog() if opened.trace is None else TracedLog(opened.trace)
        #: What is being written, and what waits to be stored: an item leaves it when it is stored.
        self.pending: dict[str, PendingItem] = {}
        #: The ids of items that are to be deleted, until they are.
        self._removed: set[str] = set()
        #: When the registry may store the next checkpoint, by the loop's clock.
        self.checkpoint_at = 0.0
        #: Set while the registry stores checkpoints; a finished item must not be overtaken by its own checkpoint.
        self.saving: asyncio.Future[None] | None = None
        self.task: asyncio.Task[None] | None = None
        #: How it ended, as it is stored; whatever does not come to its end is lost.
        self.outcome = "lost"
        #: Why somebody ended it early.
        self._stopped: Interruption | Stop | None = None
        self._closing = False
        self._on_cancel = on_cancel
        self._last_thread = opened.thread.model_copy(deep=True)

    @property
    def thread(self) -> ThreadMetadata:
        return self.opened.thread

    def start(self, answer: AsyncGenerator[AnswerEvent, None], *, on_end: Callable[[LiveRun], None]) -> None:
        """Begin to produce, in a task of its own."""
        ids = {"tenant": self.opened.context.tenant.slug, "run_id": self.opened.run_id}
        with about(**ids), lasting("run", **ids) as end_span, writing_for(self.opened.run_id):
            self.task = asyncio.create_task(self._produce(answer))
        self.task.add_done_callback(lambda _task: end_span(outcome=self.outcome))
        self.task.add_done_callback(lambda _task: on_end(self))

    def cancel(self) -> None:
        """Stop the answer; what was written is kept and marked.  Once it is ending anyway, nothing happens."""
        self._stop("cancelled")

    def give_up(self) -> None:
        """The same because the process ends: the answer is lost, and the thread can go on elsewhere at once."""
        self._stop("lost")

    def supersede(self) -> None:
        """Stop the answer: another run has its thread, and nothing of this one is stored any more."""
        self._stop("superseded")

    def _stop(self, reason: Interruption | Stop) -> None:
        if self._stopped is None and not self._closing and self.task is not None:
            self._stopped = reason
            self.task.cancel()

    def catch_up(self, number: int) -> tuple[int, bytes]:
        """For a reader that had ``number`` frames, and then items as they were stored: how far it comes, and frames with positions.

        It has a part of what the frames after ``number`` add to items, and nobody knows which.  So it gets those frames without
        their additions, and then each unfinished item as it stands: what follows adds to that.
        """
        added = [
            (at, ready)
            for at, ready in enumerate(self.log.frames(number), number + 1)
            if not ready.startswith(ITEM_UPDATED)
        ]
        unfinished = [item.shown() for item in self.pending.values()]
        position = max(len(self.log), number)
        pieces = [b"id: %d\n%b" % each for each in added]
        pieces += [
            b"id: %d\n%b" % (position, item_frame("added", item))
            for item in unfinished
            if item["type"] not in codec.HIDDEN_TYPES
        ]
        return position, b"".join(pieces)

    def has_changed(self) -> bool:
        """Whether there is anything to store since the last checkpoint."""
        return any(item.dirty for item in self.pending.values())

    def checkpoints(self) -> list[Checkpoint]:
        """The unfinished items that changed since the last call.  Marked as lost: that is what they are if we die."""
        return [
            Checkpoint(self.opened.run_id, self.thread.id, item.snapshot("lost"), self.opened.context)
            for item in self.pending.values()
            if item.dirty and not item.is_empty()
        ]

    def checkpoint_failed(self) -> None:
        """What the last call of `checkpoints` returned was not stored; the next one returns it again."""
        for item in self.pending.values():
            item.dirty = True

    async def _produce(self, answer: AsyncGenerator[AnswerEvent, None]) -> None:
        state, code, error = "completed", "", None
        interruption: Interruption = "error"
        try:
            try:
                await self._iterate(answer)
                self._raise_if_stopped()
            finally:
                await answer.aclose()
        except KeyboardInterrupt:
            self.log.end()
            raise
        except BaseException as problem:  # noqa: BLE001 - every failure ends as an event that the user sees, SystemExit too
            state, interruption, code, error = self._ended_by(problem)
            # A lost answer is nobody's wish, and there is no time to ask.
            if not isinstance(problem, asyncio.CancelledError) or state == "lost":
                self._on_cancel = None
        finally:
            self._closing = True
        try:
            self.outcome = await self._finish(state, code, interruption, error)
            if self.outcome == "completed":
                await follow_up(self.opened)
        except PlatformError as problem:
            self.log.append(error_frame(problem))
        finally:
            self.log.end()
            if self.opened.trace is not None:
                await self._keep_trace(self.opened.trace)

    def _ended_by(self, problem: BaseException) -> tuple[str, Interruption, str, bytes | None]:
        """How a run ends whose answer did not come to its end: state, mark, error code, and the frame for the readers."""
        stopped = self._stopped
        if isinstance(problem, asyncio.CancelledError):
            task = asyncio.current_task()
            if stopped is None and task is not None and task.cancelling():
                stopped = "lost"  # the event loop ends, or a library has cancelled this task
            match stopped:
                case "superseded":
                    return "lost", "lost", "run_superseded", None
                case "lost":
                    return "lost", "lost", "run_lost", error_frame(PlatformError("run_lost"))
                case "cancelled" | "error":
                    return stopped, stopped, "", None
            # Nobody stopped it: a library in the answer raised this itself.
        return "failed", "error", *_describe(problem)

    async def _keep_trace(self, trace: Trace) -> None:
        """After the readers have everything; a trace that cannot be kept is nobody's trouble."""
        try:
            await self.store.keep_trace(self.opened, trace)
        except Exception as problem:  # noqa: BLE001
            logger.warning("the trace of a run was not kept: %s", type(problem).__name__)

    async def _iterate(self, answer: AsyncGenerator[AnswerEvent, None]) -> None:
        log, pending = self.log, self.pending
        count = 0
        async for event in answer:
            count += 1
            if type(event) is TextDelta:
                log.append_text(event)
                item = pending.get(event.item_id)
                if item is not None:
                    item.add_text(event)
            else:
                await self._take(event)  # type: ignore[arg-type]
            if count == 2 or count % EVENTS_PER_SLICE == 0:
                await asyncio.sleep(0)
                self._raise_if_stopped()

    def _raise_if_stopped(self) -> None:
        """End an answer that has swallowed its cancellation."""
        if self._stopped is not None:
            raise asyncio.CancelledError

    async def _take(self, event: ThreadStreamEvent) -> None:
        """Store what an event says, then show it."""
        self._raise_if_stopped()
        event = await retried(partial(adopted, event, self.opened.context))
        if event is None:
            return
        match event:
            case ThreadItemAddedEvent():
                self._removed.discard(event.item.id)
                self.pending[event.item.id] = PendingItem(event.item)
            case ThreadItemUpdatedEvent():
                if (item := self.pending.get(event.item_id)) is not None:
                    item.apply(event.update)
            case ThreadItemDoneEvent() | ThreadItemReplacedEvent():
                # It stays there until it is stored: whoever stops the answer meanwhile must not lose it.
                self.pending[event.item.id] = PendingItem(event.item, is_finished=True)
                await self._store(
                    lambda: self.store.put_item(
                        self.thread.id, event.item, self.opened.context, run_id=self.opened.run_id
                    )
                )
                del self.pending[event.item.id]
            case ThreadItemRemovedEvent():
                self.pending.pop(event.item_id, None)
                self._removed.add(event.item_id)
                await self._delete_removed()
        if isinstance(event, ThreadCreatedEvent | ThreadUpdatedEvent):
            self.log.append(frame({"type": event.type, "thread": self.opened.thread_json(event.thread)}))
        elif (shown := event_frame(event)) is not None:
            self.log.append(shown)
        await self._store_thread()

    async def _delete_removed(self) -> None:
        for item_id in list(self._removed):
            await self._store(partial(self.store.delete_thread_item, self.thread.id, item_id, self.opened.context))
            self._removed.discard(item_id)

    async def _store_thread(self) -> None:
        """Tools and agents may change the thread object (title, status, metadata); store and show that."""
        for ready in await self._changed_thread():
            self.log.append(ready)

    async def _changed_thread(self) -> list[bytes]:
        """Store what was changed in the thread object, if anything was; the frame that shows it."""
        if self.opened.clean_thread is not None:
            self.opened.clean_thread(self._last_thread, self.thread)
        changes = changes_between(self._last_thread, self.thread)
        if not changes:
            return []
        stored = self.thread.model_copy(deep=True)
        await self._store(lambda: self.store.change_thread(self.thread.id, changes, self.opened.context))
        self._last_thread = stored
        return [frame({"type": "thread.updated", "thread": self.opened.thread_json(stored)})]

    async def _store_last_changes(self) -> list[bytes]:
        """The same for what changed after the last event, or was not stored yet when the answer ended; deletions, too.

        A change that cannot be stored must not keep the thread's lock.
        """
        frames = [frame({"type": "thread.item.removed", "item_id": item_id}) for item_id in self._removed]
        try:
            await self._delete_removed()
            return [*frames, *await self._changed_thread()]
        except Exception as problem:  # noqa: BLE001 - the run ends in any case
            logger.warning("the last changes of an answer were not stored: %s", type(problem).__name__)
            return frames

    async def _finish(self, state: str, code: str, interruption: Interruption, error: bytes | None) -> str:
        """End the run in the store, and then tell the readers; the state in which it has ended."""
        if code != "run_superseded":
            try:
                await self._close(state, code, interruption, error)
            except PlatformError as problem:
                if problem.code != "run_superseded":
                    raise
            else:
                return state
        await self._end_superseded()
        return "lost"

    async def _end_superseded(self) -> None:
        """Another run has the thread: keep what was used, and show the readers what is stored of what they saw."""
        await self._store(lambda: self.store.close_run(self.opened, "lost", "run_superseded"))
        error = error_frame(PlatformError("run_superseded"))
        try:
            stored = (await self._store(lambda: self.store.run_state(self.opened.run_id, self.opened.context))).items
        except NotFoundError as problem:  # it is gone, with its thread
            stored, error = [], _describe(problem)[1]
        by_id = {item["id"]: item for item in map(orjson.loads, stored)}
        for item_id in self.pending:
            if item_id in by_id:
                self.log.append(item_frame("done", by_id[item_id]))
            else:
                self.log.append(frame({"type": "thread.item.removed", "item_id": item_id}))
        self.log.append(error)

    async def _close(self, state: str, code: str, interruption: Interruption, error: bytes | None) -> None:
        """Keep what is unfinished, give the thread's lock back, and only then tell the readers."""
        is_noted = state == "cancelled"
        kept: list[dict[str, Any]] = []
        frames: list[bytes] = []
        if state != "completed" and self._on_cancel is not None:
            unfinished = {item_id: item for item_id, item in self.pending.items() if not item.is_finished}
            outcome = await handled(self._on_cancel, unfinished, interruption, self.opened, self.store)
            if outcome is not None:
                is_noted = outcome.is_noted
                kept += outcome.kept
                self._removed.update(outcome.removed)
                frames += [item_frame("done", raw) for raw in outcome.shown]
                self.pending = {item_id: item for item_id, item in self.pending.items() if item.is_finished}
        changed = await self._store_last_changes()
        for item_id, item in self.pending.items():
            if item.is_empty():
                frames.append(frame({"type": "thread.item.removed", "item_id": item_id}))
            else:
                kept.append(item.snapshot(interruption))
                if kept[-1]["type"] not in codec.HIDDEN_TYPES:
                    frames.append(item_frame("done", kept[-1]))
        if is_noted:
            kept.append(codec.dump_item(self._cancelled_note()))
        await self._store(lambda: self.store.close_run(self.opened, state, code, kept))
        for ready in [*frames, *([error] if error else []), *changed]:
            self.log.append(ready)

    def _cancelled_note(self) -> SDKHiddenContextItem:
        """Tells the model, in the next turn, why its answer breaks off."""
        try:
            item_id = storable(
                "item", self.store.generate_item_id("sdk_hidden_context", self.thread, self.opened.context)
            )
        except Exception as problem:  # noqa: BLE001 - a generator that does not know this kind must not keep the thread's lock
            logger.warning("generate_item_id failed: %s", type(problem).__name__)
            item_id = new_id("sdk_hidden_context")
        return SDKHiddenContextItem(id=item_id, thread_id=self.thread.id, created_at=now(), content=CANCELLED_NOTE)

    async def _store(self, write: Callable[[], Awaitable[T]]) -> T:
        """Write, after the checkpoint that is on its way; raises as `retried`."""
        if self.saving is not None:
            await asyncio.shield(self.saving)
        return await retried(write)


def _describe(problem: BaseException) -> tuple[str, bytes]:
    """The error code kept with the run, and the frame shown to the user.  Never the exception's own words."""
    match problem:
        case PlatformError():
            return problem.code, error_frame(problem)
        case NotFoundError():  # the thread was deleted meanwhile
            return "not_found", error_frame(PlatformError("not_found"), allow_retry=False)
        case CustomStreamError():
            event = ErrorEvent(code="custom", message=problem.message, allow_retry=problem.allow_retry)
            return "custom", frame(codec.dump(event))
        case StreamError():
            return "stream.error", frame(codec.dump(ErrorEvent(code=problem.code, allow_retry=problem.allow_retry)))
        case _:
            # An exception's text may hold prompts or keys: its type is enough outside development.
            logger.error("an answer failed: %s", type(problem).__name__, exc_info=problem if settings.DEBUG else None)
            return "internal", frame(codec.dump(ErrorEvent(code=ErrorCode.STREAM_ERROR, allow_retry=True)))

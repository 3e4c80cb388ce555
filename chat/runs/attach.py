"""Following a run, wherever it is produced: here, in another process, or nowhere any more."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson
from django.conf import settings

from chat import events
from chat.context import ChatContext
from chat.runs.frames import error_frame, item_frame
from chat.runs.registry import RELAY_HEARTBEAT, registry
from chat.stores.attachment_links import Reader
from chat.stores.attachments import refreshed
from chat.stores.base import PlatformStore, RunState
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.problems.api import ERRORS

#: How long a reader waits for the first word of the owner, which is sent at once, in seconds.
OWNER_TIMEOUT: Final = 2.0
#: How long a reader lives from the store before it asks the owner again, in seconds.
STORE_SECONDS: Final = 15.0
#: The shortest pause before a store that did not answer is asked again, in seconds.
RETRY_SECONDS: Final = 0.5


@dataclass(slots=True)
class Position:
    """How far a reader has come: as text, the ``id:`` of the last frame.

    ``number`` frames of the log; ``has_stored`` says that items as they are stored came after those.  They contain a part of what
    the log has behind that number, so that the log does not simply go on there: see `LiveRun.catch_up`.
    """

    number: int
    has_stored: bool = False

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """``49``, or ``49s`` after stored items; None for anything else."""
        match = re.fullmatch(r"([0-9]{1,9})(s?)", text)
        return None if match is None else cls(int(match[1]), has_stored=bool(match[2]))

    def __str__(self) -> str:
        return f"{self.number}s" if self.has_stored else f"{self.number}"


async def attach(run_id: str, after: Position, context: ChatContext, store: PlatformStore) -> AsyncIterator[bytes]:
    """The caller's run as server-sent events; empty pieces say that it lives.

    Each frame carries its position as ``id:``, by which the reader may attach again, here or elsewhere.  From this process's log
    or, over the channel layer, from that of the producer, each event comes once.  From what is stored, each item comes whole, and
    again whenever it has grown.  ``after`` is moved on meanwhile.

    Raises:
        NotFoundError: unknown or foreign; raised before the first piece.
        PlatformError: ``unavailable``, before the first piece: the store does not answer.
    """
    state = await store.run_state(run_id, context)
    run = registry().get(run_id)
    if run is not None:
        if after.has_stored:
            number, caught_up = run.catch_up(after.number)
            after.number, after.has_stored = number, False
            yield caught_up
        async for batch in run.log.follow(after.number, heartbeat=settings.CHAT_HEARTBEAT_SECONDS):
            yield numbered(batch, after.number)
            after.number += len(batch)
        return
    stored = _StoredItems(run_id, context, store, state)
    while True:
        if stored.state.owner is not None:
            async for piece, ended in _from_owner(stored.state.owner, run_id, after):
                yield piece
                if ended:
                    return
        async for piece in stored.follow(after, STORE_SECONDS):
            yield piece
        if stored.state.state != "running":
            return


async def _from_owner(owner: str, run_id: str, after: Position) -> AsyncIterator[tuple[bytes, bool]]:
    """Frames relayed by the producing process; ends early when it does not answer."""
    async with events.mailbox().replies() as replies:
        asked = {"run_id": run_id, "after": after.number, "stored": after.has_stored, "reply_to": replies.address}
        if not await events.tell(owner, {"type": "run.attach", **asked}):
            return
        patience = OWNER_TIMEOUT
        try:
            while (message := await replies.receive(patience)) is not None:
                patience = RELAY_HEARTBEAT * 2
                match message["type"]:
                    case "run.caught_up":
                        after.number, after.has_stored = message["number"], False
                        yield message["data"].encode(), False
                    case "run.frames" if message["after"] == after.number:
                        batch = [part + b"\n\n" for part in message["data"].encode().split(b"\n\n")[:-1]]
                        yield numbered(batch, after.number), False
                        after.number += len(batch)
                    case "run.end":
                        yield b"", True
                        return
                    case _:
                        return
        finally:
            await events.tell(owner, {"type": "run.detach", **asked})


class _StoredItems:
    """Items of a run as they are stored, for one reader."""

    def __init__(self, run_id: str, context: ChatContext, store: PlatformStore, state: RunState) -> None:
        self.state = state
        self._run_id = run_id
        self._context = context
        self._store = store
        self._sent: dict[int, str] = {}

    async def follow(self, after: Position, seconds: float) -> AsyncIterator[bytes]:
        """What is new, until the run has ended or for so many seconds; silence is broken by empty pieces."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            yield self._news(after)
            if self.state.state != "running" or loop.time() >= until:
                return
            await asyncio.sleep(settings.CHAT_RUN_CHECKPOINT_SECONDS)
            async for ping in self._look():
                yield ping

    def _news(self, after: Position) -> bytes:
        running = self.state.state == "running"
        frames = [
            item_frame("done", _shown(refreshed(raw, Reader.of(self._context)), running=running))
            for at, raw in enumerate(self.state.items)
            if self._sent.get(at) != raw
        ]
        self._sent = dict(enumerate(self.state.items))
        if frames:
            after.has_stored = True
        if not running and self.state.error_code:
            code = self.state.error_code if self.state.error_code in ERRORS else "internal"
            frames.append(error_frame(PlatformError(code)))
        return b"".join(b"id: %b\n%b" % (str(after).encode(), ready) for ready in frames)

    async def _look(self) -> AsyncIterator[bytes]:
        """Ask the store how the run stands, for as long as it takes; a store that does not answer says nothing about the run."""
        while True:
            asking = asyncio.ensure_future(self._store.run_state(self._run_id, self._context))
            try:
                while not (await asyncio.wait({asking}, timeout=settings.CHAT_HEARTBEAT_SECONDS))[0]:
                    yield b""
                self.state = asking.result()
            except PlatformError as problem:
                if problem.code != "unavailable":
                    raise
            else:
                return
            finally:
                asking.cancel()
            yield b""
            await asyncio.sleep(max(RETRY_SECONDS, settings.CHAT_RUN_CHECKPOINT_SECONDS))


def _shown(raw: str, *, running: bool) -> dict[str, Any]:
    """A checkpoint is marked as lost for the case that its producer dies; while that lives, it is only unfinished."""
    item: dict[str, Any] = orjson.loads(raw)
    if running and item.get("interrupted") == "lost":
        del item["interrupted"]
    return item


def numbered(batch: list[bytes], number: int) -> bytes:
    """Frames with their numbers, the first one's after ``number``."""
    return b"".join(b"id: %d\n%b" % (each, ready) for each, ready in enumerate(batch, number + 1))

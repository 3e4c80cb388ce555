"""RunLog: the numbered frames of one run, and those who follow it."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator
from operator import itemgetter

import orjson

from chat.agents.deltas import TextDelta
from chat.runs.frames import DELTA_END, delta_head
from chat.stores.trace import Trace


class RunLog:
    """Frames in order, from 1.  Lives in the memory of the run's process and goes with its last reader.

    Readers wait without a task or a lock of their own; everything that came while one was busy is handed to it in one piece.

    Nearly all frames are text deltas, which differ in a word or two.  Of those only the text is kept; what stands before it is
    kept once for each part of a message, and readers put them together.
    """

    __slots__ = ("_entries", "_heads", "_part", "_readers", "ended")

    def __init__(self) -> None:
        #: Whole frames, and texts of deltas.
        self._entries: list[bytes | str] = []
        #: The positions from which texts belong to another part, and what stands before them then.
        self._heads: list[tuple[int, bytes]] = []
        self._part: tuple[str, int] | None = None
        self.ended = False
        self._readers: set[asyncio.Future[None]] = set()

    def append(self, frame: bytes) -> None:
        """Add the next frame and wake the readers."""
        self._add(frame)

    def append_text(self, delta: TextDelta) -> None:
        """The same for a text delta."""
        if self._part != delta[:2]:
            self._part = delta[:2]
            self._heads.append((len(self._entries), delta_head(delta.item_id, delta.content_index)))
        delta.delta.encode()  # what is no UTF-8 is the answer's failure, not its readers'
        self._add(delta.delta)

    def _add(self, entry: bytes | str) -> None:
        self._entries.append(entry)
        if self._readers:
            self.wake()

    def frames(self, position: int) -> list[bytes]:
        """The frames after number ``position``."""
        at = bisect_right(self._heads, position, key=itemgetter(0)) - 1
        found = []
        for number, entry in enumerate(self._entries[position:], position):
            if isinstance(entry, str):
                while at + 1 < len(self._heads) and self._heads[at + 1][0] <= number:
                    at += 1
                found.append(self._heads[at][1] + orjson.dumps(entry) + DELTA_END)
            else:
                found.append(entry)
        return found

    def __len__(self) -> int:
        return len(self._entries)

    def end(self) -> None:
        """No frame will follow."""
        self.ended = True
        self.wake()

    def wake(self) -> None:
        """Let every reader look again."""
        readers, self._readers = self._readers, set()
        for reader in readers:
            if not reader.done():
                reader.set_result(None)

    async def follow(self, after: int = 0, *, heartbeat: float) -> AsyncIterator[list[bytes]]:
        """The frames after number ``after``, as they come; an empty list after each ``heartbeat`` seconds of silence."""
        position = max(after, 0)
        loop = asyncio.get_running_loop()
        pulse = _Pulse(self, heartbeat)
        try:
            while True:
                if position < len(self._entries):
                    batch = self.frames(position)
                    position += len(batch)
                    yield batch
                    pulse.restart()
                elif self.ended:
                    return
                elif pulse.is_due():
                    yield []
                    pulse.restart()
                else:
                    await self._news(loop)
        finally:
            pulse.stop()

    async def _news(self, loop: asyncio.AbstractEventLoop) -> None:
        reader: asyncio.Future[None] = loop.create_future()
        self._readers.add(reader)
        try:
            await reader
        finally:
            self._readers.discard(reader)


class TracedLog(RunLog):
    """A log that also notes when each frame came, for the trace of its run."""

    __slots__ = ("_trace",)

    def __init__(self, trace: Trace) -> None:
        super().__init__()
        self._trace = trace
        trace.frames = lambda: self.frames(0)

    def _add(self, entry: bytes | str) -> None:
        self._trace.moments.append(self._trace.now())
        super()._add(entry)


class _Pulse:
    """Wakes a log's readers when one of them has had nothing to read for so many seconds.

    One timer for the whole stream: a time limit around each wait costs more than the frame that is waited for.
    """

    __slots__ = ("_interval", "_log", "_loop", "_since", "_timer")

    def __init__(self, log: RunLog, interval: float) -> None:
        self._log = log
        self._interval = interval
        self._loop = asyncio.get_running_loop()
        self._since = self._loop.time()
        self._timer = self._loop.call_later(interval, self._beat)

    def restart(self) -> None:
        """Something was sent just now."""
        self._since = self._loop.time()

    def is_due(self) -> bool:
        """Whether the silence has lasted long enough."""
        return self._loop.time() >= self._since + self._interval

    def stop(self) -> None:
        self._timer.cancel()

    def _beat(self) -> None:
        if self.is_due():
            self._log.wake()
            self._timer = self._loop.call_later(self._interval, self._beat)
        else:
            self._timer = self._loop.call_at(self._since + self._interval, self._beat)

"""RunLog: the numbered frames of one run, and those who follow it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator


class RunLog:
    """Frames in order, from 1.  Lives in the memory of the run's process and goes with its last reader.

    Readers wait without a task or a lock of their own; everything that came while one was busy is handed to it in one piece.
    """

    __slots__ = ("_readers", "ended", "frames")

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.ended = False
        self._readers: set[asyncio.Future[None]] = set()

    def append(self, frame: bytes) -> None:
        """Add the next frame and wake the readers."""
        self.frames.append(frame)
        if self._readers:
            self.wake()

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
        pulse = _Pulse(self, heartbeat)
        try:
            while True:
                if position < len(self.frames):
                    batch = self.frames[position:]
                    position += len(batch)
                    yield batch
                    pulse.restart()
                elif self.ended:
                    return
                elif pulse.is_due():
                    yield []
                    pulse.restart()
                else:
                    await self._news()
        finally:
            pulse.stop()

    async def _news(self) -> None:
        reader: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._readers.add(reader)
        try:
            await reader
        finally:
            self._readers.discard(reader)


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

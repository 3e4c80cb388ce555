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
        while True:
            if position < len(self.frames):
                batch = self.frames[position:]
                position += len(batch)
                yield batch
            elif self.ended:
                return
            elif not await self._news(heartbeat):
                yield []

    async def _news(self, timeout: float) -> bool:
        reader: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._readers.add(reader)
        try:
            async with asyncio.timeout(timeout):
                await reader
        except TimeoutError:
            return False
        finally:
            self._readers.discard(reader)
        return True

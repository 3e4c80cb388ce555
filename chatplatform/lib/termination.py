"""SIGTERM waits: what is going on is brought to an end first, then the server ends as it always does.

ASGI servers differ in what they do about connections when they are told to end (Daphne cuts them at once), and Daphne has no
lifespan events.  So this stands before the handler that the server installed, whichever it is.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

logger = logging.getLogger(__name__)


class Termination:
    """The end of this process, in two steps: ``is_near``, then the server's own."""

    def __init__(self) -> None:
        self.is_near = False
        self._finish: Callable[[], Awaitable[None]] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handler_of_server: Any = None
        self._task: asyncio.Task[None] | None = None

    def wait_for(self, finish: Callable[[], Awaitable[None]]) -> None:
        """From now on SIGTERM runs ``finish()`` on the running loop before the server hears of it.

        A loop outside the main thread, which hears no signals, is left alone; a second call replaces the first.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        self._finish, self._loop = finish, asyncio.get_running_loop()
        handler = signal.getsignal(signal.SIGTERM)
        if handler != self._on_signal:
            self._handler_of_server = handler
            signal.signal(signal.SIGTERM, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """The first SIGTERM begins the end; whoever sends a second one does not want to wait."""
        if self.is_near or self._loop is None or not self._loop.is_running():
            self._tell_server(number, frame)
        else:
            self.is_near = True
            self._loop.call_soon_threadsafe(self._begin, number)

    def _begin(self, number: int) -> None:
        self._task = asyncio.create_task(self._end(number))

    async def _end(self, number: int) -> None:
        try:
            if self._finish is not None:
                await self._finish()
        except Exception as error:  # noqa: BLE001 - the process ends, whatever happened
            logger.warning("finishing before the end failed: %s", type(error).__name__)
        self._tell_server(number, None)

    def _tell_server(self, number: int, frame: FrameType | None) -> None:
        if callable(self._handler_of_server):
            self._handler_of_server(number, frame)
        else:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)


#: Of this process.
termination = Termination()

"""Ends what chat sessions opened in this process: answers, streams and sockets end within seconds after their session.

While anything is open, one statement every `CHAT_SESSION_CHECK_SECONDS` asks `accounts.session_policy` about all of it.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context

from django.conf import settings

from accounts.session_policy import Opened, ended
from accounts.speaker import VerifiedSession
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError

logger = logging.getLogger(__name__)


class SessionWatch:
    """What chat sessions opened on one event loop."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[Opened, Callable[[], None]]] = {}
        self._keys = itertools.count()
        self._task: asyncio.Task[None] | None = None

    def add(self, session: VerifiedSession, end: Callable[[], None]) -> Callable[[], None]:
        """Call ``end`` once the session does not count any more; returns what stops the watch."""
        key = next(self._keys)
        self._open[key] = Opened(session.chain, session.assistant.id), end
        if self._task is None or self._task.done():
            # In a context of its own: what it logs is not about the request that happened to come first.
            self._task = asyncio.create_task(self._check(), context=Context())
        return lambda: self._open.pop(key, None) and None

    @contextmanager
    def watching(self, session: VerifiedSession, end: Callable[[], None]) -> Iterator[None]:
        """Watch while the block lasts."""
        stop = self.add(session, end)
        try:
            yield
        finally:
            stop()

    async def _check(self) -> None:
        while self._open:
            await asyncio.sleep(settings.CHAT_SESSION_CHECK_SECONDS)
            try:
                gone = await in_database(ended, {opened for opened, _end in self._open.values()})
            except PlatformError:
                continue  # The database is away: the next round asks again.
            except Exception as error:  # noqa: BLE001 - whatever it is, the watch must go on
                logger.error("a check of chat sessions failed: %s", type(error).__name__)  # noqa: TRY400
                continue
            for key in [key for key, (opened, _end) in self._open.items() if opened in gone]:
                _opened, end = self._open.pop(key)
                end()


_watches: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, SessionWatch] = weakref.WeakKeyDictionary()


def session_watch() -> SessionWatch:
    """The watch of the running event loop."""
    return _watches.setdefault(asyncio.get_running_loop(), SessionWatch())

"""Writes of a run are offered again to a database that is away for a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from chatplatform.lib.errors import PlatformError

T = TypeVar("T")

#: How long a finished item is offered to a database that does not answer, in seconds.
PATIENCE = 120.0


async def retried(write: Callable[[], Awaitable[T]]) -> T:
    """Write, and when the database is away for a moment (a restart), write again: every write of a run may be repeated.

    Raises:
        PlatformError: ``unavailable``, after `PATIENCE` seconds.
    """
    loop = asyncio.get_running_loop()
    give_up, delay = loop.time() + PATIENCE, 0.1
    while True:
        try:
            return await write()
        except PlatformError as problem:
            if problem.code != "unavailable" or loop.time() > give_up:
                raise
        await asyncio.sleep(delay)
        delay = min(delay * 2, 2.0)

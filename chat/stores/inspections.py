"""Who may look into files, and how many at once: apart from reading and writing them, which must never wait for a slow file.

Inspections run in threads of their own.  One tenant has only some of them, so that its slow files do not keep all others waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar
from weakref import WeakValueDictionary

P = ParamSpec("P")
T = TypeVar("T")
#: Files that are looked into at the same time, in one process.
_THREADS = 4
#: Those of one tenant among them; more of them wait for their turn.
OF_ONE_TENANT = 2
#: Per tenant's key, for as long as anybody holds a place or waits for one.
_places: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()


@functools.cache
def _executor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="inspections")


async def in_inspection(tenant_id: int, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that looks into a file of the tenant, once the tenant has a place for it."""
    places = _places.setdefault(tenant_id, asyncio.Semaphore(OF_ONE_TENANT))
    loop = asyncio.get_running_loop()
    await places.acquire()
    work = _executor().submit(functools.partial(function, *args, **kwargs))

    def leave(_work: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and everybody who waited with it
            loop.call_soon_threadsafe(places.release)

    # The place is free when the thread is, not when the caller goes away: a thread cannot be broken off.
    work.add_done_callback(leave)
    return await asyncio.wrap_future(work)

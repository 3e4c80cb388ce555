"""Rate limits' moving windows in the memory of this process."""

from __future__ import annotations

import time
from collections import deque
from threading import Lock
from typing import Any

from limits.aio.storage import MemoryStorage

#: How often windows that nobody uses any more are dropped, in seconds.
SWEEP_INTERVAL = 60.0


class ProcessStorage(MemoryStorage):
    """The storage of `limits`, whose own for asyncio goes through the windows of all keys, in a thread, at each use of one.

    Its locks belong to one event loop besides; these windows are used from several (views have loops of their own).
    """

    STORAGE_SCHEME = ["async+process"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        #: For each key, the moment until which it matters, and when it was used within its window.
        self._windows: dict[str, tuple[float, deque[float]]] = {}
        self._swept_at = time.time()
        self._lock = Lock()

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        now = time.time()
        with self._lock:
            if now - self._swept_at > SWEEP_INTERVAL:
                self._sweep(now)
            uses = self._uses(key, now - expiry)
            if len(uses) + amount > limit:
                return False
            uses.extend([now] * amount)
            self._windows[key] = (now + expiry, uses)
            return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        now = time.time()
        with self._lock:
            uses = self._uses(key, now - expiry)
            return (uses[0] if uses else now), len(uses)

    def _uses(self, key: str, since: float) -> deque[float]:
        _until, uses = self._windows.get(key, (0.0, deque()))
        while uses and uses[0] < since:
            uses.popleft()
        return uses

    def _sweep(self, now: float) -> None:
        self._swept_at = now
        self._windows = {key: window for key, window in self._windows.items() if window[0] > now}

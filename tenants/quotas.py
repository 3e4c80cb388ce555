"""Rates: how often somebody may do something.  Counted in Redis when there is one, else in this process."""

from __future__ import annotations

import functools
import time

from django.conf import settings
from limits import RateLimitItem, parse
from limits.aio.storage import RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter

from chatplatform.lib.errors import PlatformError
from tenants.windows import ProcessStorage


@functools.cache
def _limiter() -> MovingWindowRateLimiter:
    storage: Storage
    storage = (
        RedisStorage(f"async+{settings.REDIS_URL}", implementation="redispy")
        if settings.REDIS_URL
        else ProcessStorage()
    )
    return MovingWindowRateLimiter(storage)


@functools.cache
def _rate(text: str) -> RateLimitItem:
    return parse(text)


async def spend(rate: str, *key: str | int) -> None:
    """Count one use of ``key`` (which names the tenant first) against ``rate``, as ``"60/minute"``.

    Raises:
        PlatformError: ``rate_limited``, with ``Retry-After`` in seconds.
    """
    item, limiter, parts = _rate(rate), _limiter(), [str(part) for part in key]
    if not await limiter.hit(item, *parts):
        reset = (await limiter.get_window_stats(item, *parts)).reset_time
        raise PlatformError("rate_limited", headers={"Retry-After": str(max(1, round(reset - time.time())))})

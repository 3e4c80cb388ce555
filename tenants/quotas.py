"""Counts requests against a rate: in Redis when there is one, else in this process.  `tenants.rate_limits` has the rates."""

from __future__ import annotations

import functools
import logging
import time
from typing import cast

from django.conf import settings
from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string

from chatplatform.lib.errors import PlatformError
from tenants.windows import ProcessStorage

logger = logging.getLogger(__name__)


@functools.cache
def _limiter() -> MovingWindowRateLimiter:
    if not settings.REDIS_URL:
        return _limiter_of_process()
    # By the scheme: one server, or the primary that Sentinel names.
    storage = storage_from_string(f"async+{settings.REDIS_URL}", wrap_exceptions=True, implementation="redispy")
    return MovingWindowRateLimiter(cast("Storage", storage))


@functools.cache
def _limiter_of_process() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(ProcessStorage())


@functools.cache
def _rate(text: str) -> RateLimitItem:
    return parse(text)


async def spend(rate: str, *key: str | int) -> None:
    """Count one use of ``key`` against ``rate``, as ``"60/minute"``.

    While Redis is away, each process counts for itself: nobody is refused for that, and nobody is let through without a limit.

    Raises:
        PlatformError: ``rate_limited``, with ``Retry-After`` in seconds.
    """
    item, parts = _rate(rate), [str(part) for part in key]
    try:
        await _spend(_limiter(), item, parts)
    except StorageError as error:
        logger.warning("rates are counted without Redis: %s", type(error.storage_error).__name__)
        await _spend(_limiter_of_process(), item, parts)


async def _spend(limiter: MovingWindowRateLimiter, item: RateLimitItem, parts: list[str]) -> None:
    if not await limiter.hit(item, *parts):
        reset = (await limiter.get_window_stats(item, *parts)).reset_time
        raise PlatformError("rate_limited", headers={"Retry-After": str(max(1, round(reset - time.time())))})

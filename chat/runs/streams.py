"""The streams of one person: how many answers somebody may read at once at this process.

Counting is arithmetic in memory, once for a stream, before anything is stored.  Each process counts for itself: what is bounded is
what somebody can hold of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from chat.context import ChatContext
from chat.runs import figures
from chatplatform.lib.errors import PlatformError

_open: Counter[tuple[int, int]] = Counter()


@contextmanager
def held_by(context: ChatContext) -> Iterator[None]:
    """While the block lasts, the end user reads one answer more.

    Raises:
        PlatformError: ``too_many_streams``, before the block.
    """
    person = context.tenant.id, context.end_user.id
    if _open[person] >= settings.CHAT_STREAMS_AT_ONCE:
        raise PlatformError("too_many_streams", headers={"Retry-After": "5"})
    _open[person] += 1
    try:
        with figures.streaming(context.tenant.slug):
            yield
    finally:
        _open[person] -= 1
        if not _open[person]:
            del _open[person]

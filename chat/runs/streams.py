"""The streams of one person: how many answers somebody may read at once at this process, and until when.

Counting is arithmetic in memory, once for a stream, before anything is stored.  Each process counts for itself: what is bounded is
what somebody can hold of it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from django.conf import settings

from accounts.session_watch import session_watch
from chat.context import ChatContext
from chat.runs import figures
from chatplatform.lib.errors import PlatformError

#: How long an answer whose session ended has to end by itself, with its last frames, before its reader is cut off, in seconds.
LAST_FRAMES_SECONDS = 1.0
_open: Counter[tuple[int, int]] = Counter()


@contextmanager
def held_by(context: ChatContext, cut: Callable[[], None]) -> Iterator[None]:
    """While the block lasts, the end user reads one answer more.

    Args:
        cut: ends the stream, when the session that opened it does not count any more.

    Raises:
        PlatformError: ``too_many_streams``, before the block.
    """
    person = context.tenant.id, context.end_user.id
    if _open[person] >= settings.CHAT_STREAMS_AT_ONCE:
        raise PlatformError("too_many_streams", headers={"Retry-After": "5"})
    loop, cutting = asyncio.get_running_loop(), ExitStack()

    def cut_soon() -> None:
        cutting.callback(loop.call_later(LAST_FRAMES_SECONDS, cut).cancel)

    _open[person] += 1
    try:
        with figures.streaming(context.tenant.slug), cutting, session_watch().watching(context.session, cut_soon):
            yield
    finally:
        _open[person] -= 1
        if not _open[person]:
            del _open[person]

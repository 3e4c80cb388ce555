"""The four states of a thread: open, waiting for a human, locked, closed.

ChatKit knows three of them.  A thread that waits for a human is active to it: the user may go on writing, and what they write is
kept for the person who takes over, but the assistant keeps silent.  That it waits stands in the thread's metadata, which no
browser is sent.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from chatkit.types import ClosedStatus, LockedStatus, ThreadMetadata

from chatplatform.lib.errors import PlatformError

State = Literal["open", "waiting", "locked", "closed"]

#: The key in a thread's metadata: ``{"since": <ISO 8601>, "reason": <the user's or the model's words>}``.
WAITING = "waiting_for_human"
REASON_CHARS = 1_000


def state_of(thread: ThreadMetadata) -> State:
    """The state of a thread; a lock or an end outweighs that somebody waits."""
    match thread.status:
        case LockedStatus():
            return "locked"
        case ClosedStatus():
            return "closed"
        case _:
            return "waiting" if WAITING in thread.metadata else "open"


def require_unlocked(thread: ThreadMetadata) -> None:
    """Refuse to change a thread that takes nothing more.

    Raises:
        PlatformError: ``thread_locked``, ``thread_closed``.
    """
    state = state_of(thread)
    if state in ("locked", "closed"):
        raise PlatformError(f"thread_{state}")


def wait_for_human(thread: ThreadMetadata, reason: str) -> None:
    """Let a person answer from now on.  Inside a run the change is stored with the run."""
    since = thread.metadata.get(WAITING, {}).get("since") or datetime.now(UTC).isoformat(timespec="seconds")
    thread.metadata = {**thread.metadata, WAITING: {"since": since, "reason": reason[:REASON_CHARS]}}


def let_assistant_answer(thread: ThreadMetadata) -> None:
    """Let the assistant answer again."""
    thread.metadata = {name: value for name, value in thread.metadata.items() if name != WAITING}

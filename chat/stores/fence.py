"""The fence: whoever lost a thread to another producer writes nothing any more.

`writing_run` names the run whose task is running.  Every write through a store's interface by that task, or by a task that it
started (an agent, a tool, a server class of one's own), is made only while the run is its thread's running one, in the thread's
epoch in which it began.  Each takeover of a thread changes its epoch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: `{FENCE}`: a run still produces the answer of its thread, whether that is the thread `t` or another.  One parameter: its id.
#: Where the statement locks or changes `t`, a takeover in the same moment is seen, too: its epoch is compared on the newest row.
FENCE = """EXISTS (
    SELECT FROM chat_run fence JOIN chat_thread own ON own.id = fence.thread_id AND own.epoch = fence.epoch
     WHERE fence.public_id = %s AND fence.state = 'running' AND (fence.thread_id <> t.id OR fence.epoch = t.epoch))"""
writing_run: ContextVar[str | None] = ContextVar("writing_run", default=None)


@contextmanager
def writing_for(run_id: str) -> Iterator[None]:
    """While the block lasts, this task and those that it starts write for a run."""
    token = writing_run.set(run_id)
    try:
        yield
    finally:
        writing_run.reset(token)


def fenced(run_id: str | None) -> tuple[str, tuple[str, ...]]:
    """A condition on the thread `t` for what a run writes, and its parameters; none for what no run writes."""
    return ("", ()) if run_id is None else (f" AND {FENCE}", (run_id,))

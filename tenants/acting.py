"""On whose behalf a block works: what the audit trail writes beside each event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

Kind = Literal["member", "staff", "command", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person with their request, a command by its name, or the platform itself."""

    kind: Kind
    name: str = ""
    user_id: int | None = None
    request_id: str = ""
    address: str | None = None


SYSTEM = Actor("system")
_actor: ContextVar[Actor] = ContextVar("actor", default=SYSTEM)


def current_actor() -> Actor:
    """Who acts; in threads and tasks that nobody named anew it is the platform itself."""
    return _actor.get()


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Run a block on somebody's behalf."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)

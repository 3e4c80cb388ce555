"""What a test tells the provider to answer: words, and what else may happen on the way."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

_PATIENCE = 30.0


@dataclass(frozen=True)
class Refuse:
    """Instead of an answer: this status."""

    status: int
    code: str = "x"


@dataclass(frozen=True)
class CallTool:
    """The model calls a tool."""

    name: str
    #: A text is sent as it is, whether it is JSON or not.
    arguments: dict[str, Any] | str


@dataclass(frozen=True)
class Think:
    """The model tells a thought, in these pieces."""

    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Cite:
    """What was said last is from there."""

    url: str
    title: str = "A source"


@dataclass(frozen=True)
class Decline:
    """The model refuses, in these pieces."""

    pieces: tuple[str, ...]


@dataclass(frozen=True)
class Draw:
    """The provider draws: unfinished images first, as base64; ``image`` is None where it refuses."""

    image: str | None
    partial: tuple[str, ...] = ()
    is_over: bool = True


@dataclass(frozen=True)
class Bill:
    """The provider tells other tokens than `TOKENS`, in its order."""

    tokens: tuple[int, int, int, int]


class Cut:
    """The connection breaks here."""


class Vanish:
    """The stream ends here as it should, but the answer was not finished."""


@dataclass
class Hold:
    """The answer waits here until the test goes on.  ``reached``: everything before it was sent."""

    reached: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    hung_up: threading.Event = field(default_factory=threading.Event)

    def release(self) -> None:
        self.released.set()

    def wait_until_reached(self) -> None:
        assert self.reached.wait(_PATIENCE), "The provider did not come to this place of its answer."

    def wait_until_hung_up(self) -> None:
        assert self.hung_up.wait(_PATIENCE), "The platform did not hang up."


Step = str | Bill | Hold | Refuse | Cut | Vanish | CallTool | Think | Cite | Decline | Draw

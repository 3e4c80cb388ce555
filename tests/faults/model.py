"""The model of the campaign: what it says follows from the question, how it says it from the fault of the moment."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from typing import Any, overload

from tests.support.answers import Cut, Refuse, Step
from tests.support.provider import Provider

_QUESTION = re.compile(r"question (\w+), (\d+) words, (\d+) ms\b")
#: Longer than the platform waits for a provider that says nothing (`PROVIDER_TIMEOUT_SECONDS`).
_HANGS = 8.0


def question(name: str, words: int, milliseconds: int) -> str:
    """A message that is answered with so many words, one in so many milliseconds."""
    return f"question {name}, {words} words, {milliseconds} ms"


def words_of(text: str) -> list[str]:
    """The whole answer to such a message, in the pieces in which it is sent."""
    match = _QUESTION.search(text)
    assert match is not None, text
    name, count, _pause = match.groups()
    return [f"{name}:{number} " for number in range(int(count))]


class Script(Sequence[Step]):
    """Steps with a pause before each; a provider that hangs waits in the middle."""

    def __init__(self, steps: list[Step], pause: float, hangs_at: int | None = None) -> None:
        self._steps, self._pause, self._hangs_at = steps, pause, hangs_at

    def __len__(self) -> int:
        return len(self._steps)

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Step]: ...
    def __getitem__(self, index: int | slice) -> Step | Sequence[Step]:
        return self._steps[index]

    def __iter__(self) -> Iterator[Step]:
        for number, step in enumerate(self._steps):
            time.sleep(_HANGS if number == self._hangs_at else self._pause)
            yield step


class Model(Provider):
    """``fault``: what is wrong with it at the moment: ``refuses``, ``hangs`` or ``cuts``."""

    def __init__(self) -> None:
        super().__init__()
        self.fault = ""
        #: The names of the questions that it was asked.
        self.asked: set[str] = set()

    def next_answer(self, said: str) -> Any:
        match = _QUESTION.fullmatch(said)
        if match is None:  # a title, in the background: it is asked for with the question in other words
            return ("A conversation about faults",)
        self.asked.add(match.group(1))
        steps: list[Step] = [*words_of(said)]
        half = len(steps) // 2
        if self.fault == "refuses":
            return (Refuse(500, "server_error"),)
        if self.fault == "cuts":
            steps = [*steps[:half], Cut()]
        return Script(steps, int(match.group(3)) / 1000, half if self.fault == "hangs" else None)

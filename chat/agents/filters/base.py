"""TextFilter: text in, text out, however it is cut into pieces on the way."""

from __future__ import annotations

from typing import Protocol


class TextFilter(Protocol):
    """State of one text.  What comes out may come later than what went in; what a rule is about is found wherever it is cut."""

    def feed(self, text: str) -> str:
        """The next piece in; what is ready, out."""

    def finish(self) -> str:
        """The rest."""


class Chain:
    """Several filters, one after the other."""

    def __init__(self, filters: list[TextFilter]) -> None:
        self._filters = filters

    def feed(self, text: str) -> str:
        for each in self._filters:
            if text:
                text = each.feed(text)
        return text

    def finish(self) -> str:
        text = ""
        for each in self._filters:
            text = (each.feed(text) if text else "") + each.finish()
        return text


def whole(made: TextFilter, text: str) -> str:
    """A text in one piece."""
    return made.feed(text) + made.finish()

"""Words that may not be said."""

from __future__ import annotations

import re
from collections.abc import Sequence


class Blocked(Exception):  # noqa: N818 - a decision, not a fault
    """An answer may not be given; ``rule`` says why."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


def pattern_of(words: Sequence[str]) -> re.Pattern[str] | None:
    """Any of these words or phrases, in any case, with any space between their parts; None when there are none."""
    if not words:
        return None
    phrases = (r"\s+".join(re.escape(part) for part in word.split()) for word in words)
    return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)", re.IGNORECASE)


class BlockFilter:
    """Raises `Blocked` before the first letter of a word on the list goes out."""

    def __init__(self, words: re.Pattern[str], window: int) -> None:
        """``window`` characters are held back: as many as the longest entry has."""
        self._words = words
        self._window = window
        self._held = ""
        #: So many of them have gone out: the one before decides whether a word begins.
        self._gone = 0

    def feed(self, text: str) -> str:
        self._held += text
        size = len(self._held)
        begun = size
        for match in self._words.finditer(self._held, self._gone):
            # A word at the very end may go on, and be another.
            if match.end() < size:
                raise Blocked("blocklist")
            begun = match.start()
        ready = self._held[: -self._window][:begun]
        # At a space, if there is one: not all scripts have them, and what is held is looked through at each piece.
        cut = max(ready.rfind(" "), ready.rfind("\n")) + 1
        if size - cut > 4 * self._window:
            cut = min(size - 2 * self._window, begun)
        if cut <= self._gone:
            return ""
        ready = self._held[self._gone : cut]
        self._held, self._gone = self._held[cut - 1 :], 1
        return ready

    def finish(self) -> str:
        if self._words.search(self._held, self._gone):
            raise Blocked("blocklist")
        rest = self._held[self._gone :]
        self._held, self._gone = "", 0
        return rest

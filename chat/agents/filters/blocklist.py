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

    def feed(self, text: str) -> str:
        self._held += text
        # A word at the very end may go on, and be another.
        if any(match.end() < len(self._held) for match in self._words.finditer(self._held)):
            raise Blocked("blocklist")
        ready = self._held[: -self._window]
        # Not within a word: what stands before a word decides whether it is one.
        cut = max(ready.rfind(" "), ready.rfind("\n")) + 1
        ready, self._held = self._held[:cut], self._held[cut:]
        return ready

    def finish(self) -> str:
        if self._words.search(self._held):
            raise Blocked("blocklist")
        held, self._held = self._held, ""
        return held

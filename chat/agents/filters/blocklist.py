"""Words that may not be said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby, takewhile

#: Alternations within each other: each takes some of the compiler's stack, and a list as people write it needs three or four.
_DEEPEST = 8


class Blocked(Exception):  # noqa: N818 - a decision, not a fault
    """An answer may not be given; ``rule`` says why."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


def pattern_of(words: Sequence[str]) -> re.Pattern[str] | None:
    """Any of these words or phrases, in any case, with any space between their parts; None when there are none."""
    if not words:
        return None
    return re.compile(rf"(?<!\w){_either(map(_tokens, words))}(?!\w)", re.IGNORECASE)


def _tokens(word: str) -> tuple[str, ...]:
    """The expression of a word or phrase, one character, or any space, at a time."""
    return tuple(r"\s+" if char == " " else re.escape(char) for char in " ".join(word.split()))


def _either(phrases: Iterable[tuple[str, ...]], depth: int = 0) -> str:
    """Any of them.  What several begin with stands once: no text is compared with it, and no space passed, for each of them."""
    branches: list[str] = []
    for _first, found in groupby(sorted(set(phrases)), key=lambda phrase: phrase[:1]):
        alike = list(found)
        if len(alike) == 1 or depth == _DEEPEST:
            branches += map("".join, alike)
        else:
            # Sorted: what the first and the last have in common, all have.
            pairs = zip(alike[0], alike[-1], strict=False)
            shared = [one for one, _other in takewhile(lambda pair: pair[0] == pair[1], pairs)]
            branches.append("".join(shared) + _either((phrase[len(shared) :] for phrase in alike), depth + 1))
    return f"(?:{'|'.join(branches)})"


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

"""Words and phrases that may not be said.

A list is one automaton (Aho-Corasick), so that a text costs its length, however long the list is.  Both are folded first: see
`chat.agents.filters.folding`.  The automaton reads a text in which a sign stands wherever a word begins or ends, and so do the
entries: what it finds is a match, and nothing has to be looked at again.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import ahocorasick

from chat.agents.filters.folding import FOLDS, folded

#: Where a word begins or ends, inside a text.  The underscore is no letter of a word: Markdown has it around words.
_EDGE = re.compile(r"(?<=[^\W_])(?=[\W_])|(?<=[\W_])(?=[^\W_])")
_WORD = re.compile(r"[^\W_]")
#: Letters of scripts that have no space between words: an entry of them is found anywhere.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
#: In the text that the automaton reads; no folded text has control characters.
_SIGN, _OUTSIDE = "\1", "\2"
#: Characters of all lists that are kept ready, at about 80 bytes each.
MAX_KEPT_CHARACTERS: Final = 4_000_000


class Blocked(Exception):  # noqa: N818 - a decision, not a fault
    """An answer may not be given; ``rule`` says why."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


class Blocklist:
    """A list that is ready to be looked for.  Made by `blocklist_of`."""

    def __init__(self, words: Sequence[str]) -> None:
        self._automaton = ahocorasick.Automaton()
        self.longest = 0
        for word in words:
            # One of characters alone that nobody sees would be found everywhere.
            if entry := folded(word).strip():
                key = _key(entry)
                self._automaton.add_word(key, key)
                self.longest = max(self.longest, len(key))
        self._automaton.make_automaton()

    def search(self, text: str) -> bool:
        """Whether any of the words stands in a text.  Takes about a millisecond for 10,000 characters."""
        return self.is_in(f"{_OUTSIDE}{folded(text)}{_OUTSIDE}")

    def is_in(self, signed: str) -> bool:
        """Whether any of the words stands in a folded text."""
        return bool(self._automaton) and next(self._automaton.iter(_EDGE.sub(_SIGN, signed)), None) is not None

    def begins_at(self, text: str) -> int:
        """Where in a folded text what may become one of the words with the next piece begins: its length when there is nothing.

        Args:
            text: at least as much as the longest entry has, or all; before its first character anything may have stood.
        """
        signed = _EDGE.sub(_SIGN, text)
        at = 0
        for place, char in enumerate(signed):
            if len(signed) - place <= self.longest and place:
                rest = signed[place:]
                if self._automaton.longest_prefix(rest) == len(rest):
                    return at
            at += char != _SIGN
        return len(text)


def _key(entry: str) -> str:
    """What the automaton looks for: the entry with signs inside, and around it where it must be a whole word."""
    signed = _EDGE.sub(_SIGN, f"{_OUTSIDE}{entry}{_OUTSIDE}")[1:-1]
    begin = signed[1:] if signed[0] == _SIGN and _UNSPACED.match(entry[0]) else signed
    return begin[:-1] if begin[-1] == _SIGN and _UNSPACED.match(entry[-1]) else begin


class _Kept:
    """The lists that are ready, those that were used last first; the others give their memory back."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._characters = 0
        self._lists: OrderedDict[tuple[str, ...], Blocklist] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._lists)

    def get(self, words: tuple[str, ...]) -> Blocklist:
        with self._lock:
            if (found := self._lists.get(words)) is not None:
                self._lists.move_to_end(words)
                return found
        made = Blocklist(words)
        with self._lock:
            if words not in self._lists:
                self._lists[words] = made
                self._characters += sum(map(len, words))
            while self._characters > self._most and len(self._lists) > 1:
                gone, _list = self._lists.popitem(last=False)
                self._characters -= sum(map(len, gone))
        return made


KEPT: Final = _Kept(MAX_KEPT_CHARACTERS)


def blocklist_of(words: Sequence[str]) -> Blocklist | None:
    """The list of these words, or None when there are none.

    A list is made once, and kept while others do not need its memory.  The largest takes a tenth of a second: make it in a thread.
    """
    return KEPT.get(tuple(words)) if words else None


class BlockFilter:
    """Raises `Blocked` before the first letter of a word on the list goes out.

    It holds back exactly what may still become one, with what stands between its parts: any white space, and what nobody sees.
    """

    def __init__(self, words: Blocklist) -> None:
        self._words = words
        #: The folded text that is held back, after one character of context; and where each character begins in the original.
        self._folded = _OUTSIDE
        self._starts: list[int] = [0]
        #: The original that is held back, in pieces; and how much of the original there was before it.
        self._held: list[str] = []
        self._gone = 0
        self._length = 0

    def feed(self, text: str) -> str:
        self._take(text)
        if self._words.is_in(self._folded):
            raise Blocked("blocklist")
        begin = max(self._words.begins_at(self._folded), 1)
        shown = self._starts[begin] if begin < len(self._starts) else self._length
        # The last character that has gone decides whether a word can begin behind it.
        self._folded, self._starts = self._folded[begin - 1 :], self._starts[begin - 1 :]
        return self._release(shown)

    def finish(self) -> str:
        if self._words.is_in(self._folded + _OUTSIDE):
            raise Blocked("blocklist")
        self._folded, self._starts = _OUTSIDE, [self._length]
        return self._release(self._length)

    def _take(self, text: str) -> None:
        folds: list[str] = []
        last = self._folded[-1]
        for at, char in enumerate(text, self._length):
            for each in FOLDS[ord(char)]:
                if each != " " or last != " ":
                    folds.append(each)
                    self._starts.append(at)
                    last = each
        self._folded += "".join(folds)
        self._held.append(text)
        self._length += len(text)

    def _release(self, end: int) -> str:
        """The original up to a place, which is not held back any longer."""
        if end == self._gone:
            return ""
        held = "".join(self._held)
        ready = held[: end - self._gone]
        self._held, self._gone = [held[len(ready) :]], end
        return ready

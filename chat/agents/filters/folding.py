"""Folding of text for comparison: what looks alike to people becomes the same characters.

Case, full-width and other compatible forms, accents and other marks make no difference; characters that nobody sees are left out;
any white space is one space.  Letters of other scripts that only look alike, such as the Cyrillic a, stay different.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: Marks on letters of any script, or which may be left out in theirs.  The vowels of Indic scripts and of Thai are none.
_MARKS: Final = (
    *(
        range(0x0300, 0x0370),
        range(0x0483, 0x048A),
        range(0x0591, 0x05C8),
        range(0x0610, 0x061B),
        range(0x064B, 0x0660),
    ),
    *(
        range(0x0670, 0x0671),
        range(0x06D6, 0x06DD),
        range(0x06DF, 0x06E9),
        range(0x06EA, 0x06EE),
        range(0x1AB0, 0x1B00),
    ),
    *(range(0x1DC0, 0x1E00), range(0x20D0, 0x2100), range(0xFE20, 0xFE30)),
)
#: Characters that take no space and are no format characters by their category: fillers, variation selectors, the Arabic stretch.
_UNSEEN: Final = (
    *(
        range(0x0640, 0x0641),
        range(0x115F, 0x1161),
        range(0x17B4, 0x17B6),
        range(0x180B, 0x1810),
        range(0x3164, 0x3165),
    ),
    *(range(0xFE00, 0xFE10), range(0xFFA0, 0xFFA1), range(0xFFF0, 0xFFF9), range(0xE0000, 0xE1000)),
)
_BRAILLE_BLANK: Final = "\u2800"
#: Characters that are remembered; a text may have a million different ones.
_REMEMBERED: Final = 20_000
_SPACES = re.compile(" {2,}")


class _Folds(dict[int, str]):
    """What each character becomes, by its code point, as `str.translate` asks for it."""

    def __missing__(self, point: int) -> str:
        fold = _fold(chr(point))
        if len(self) < _REMEMBERED:
            self[point] = fold
        return fold


def _fold(char: str) -> str:
    if char.isspace() or char == _BRAILLE_BLANK:
        return " "
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return "".join(" " if each.isspace() else each for each in decomposed if not _is_unseen(each))


def _is_unseen(char: str) -> bool:
    point, category = ord(char), unicodedata.category(char)
    if category in ("Mn", "Me") and any(point in some for some in _MARKS):
        return True
    return category in ("Cc", "Cf") or any(point in some for some in _UNSEEN)


FOLDS: Final = _Folds()


def folded(text: str) -> str:
    """The folded text, with one space wherever there is any white space."""
    return _SPACES.sub(" ", text.translate(FOLDS))

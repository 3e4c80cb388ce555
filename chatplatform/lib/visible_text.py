r"""Text in which nothing hides: for what a person reads before agreeing to it.

Characters that are invisible, that move other text, or that look like another letter are written as escapes (``\u202e``), so that
two different texts never look the same.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_WORD = re.compile(r"\w+")
#: Printable by Python's definition, and yet without a shape of their own.
_SHAPELESS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
#: Signs of an address that look like those of ASCII.
_SIGNS = frozenset("\u2024\u2044\u2215\u2236\u29f8\ua789\ufe52\uff0e\uff0f\uff1a\uff20\u0589\u05c3\u2010\u2011\u2212")
#: First words of Unicode names: scripts whose letters look like Latin ones.
_LOOK_ALIKE_SCRIPTS = frozenset(
    {
        "ARMENIAN",
        "CHEROKEE",
        "COPTIC",
        "CYRILLIC",
        "DESERET",
        "FULLWIDTH",
        "GREEK",
        "LISU",
        "MATHEMATICAL",
        "MODIFIER",
        "ROMAN",
    }
)
#: Cyrillic and Greek letters that can write a whole Latin word.
_LOOK_ALIKES = frozenset("аеорсухіјѕһԁԛԝӏүгпмкнтвАВЕКМНОРСТУХІЈЅԌԚԜαικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
_SPACES = re.compile(" {2,}")


def visible(text: str) -> str:
    """The text with escapes in the place of what cannot be seen, or can be taken for something else."""
    has_latin = any(_script(char) == "LATIN" for char in text if char.isalpha())
    # A word that only uses look-alikes is an ordinary word where other words are of the same script.
    is_latin = has_latin and not any(
        _script(char) in _LOOK_ALIKE_SCRIPTS and char not in _LOOK_ALIKES for char in text if char.isalpha()
    )
    parts, at = [], 0
    for word in _WORD.finditer(text):
        parts += [_unhidden(text[at : word.start()]), _word(word[0], is_latin=is_latin)]
        at = word.end()
    return "".join([*parts, _unhidden(text[at:])])


def visible_json(value: Any) -> str:
    """The JSON of a value, in quotes where it is a text; every space can be counted."""
    text = visible(json.dumps(value, ensure_ascii=False, allow_nan=False))
    return _SPACES.sub(lambda found: " " + r"\u0020" * (len(found[0]) - 1), text)


def _word(word: str, *, is_latin: bool) -> str:
    letters = [char for char in word if char.isalpha()]
    scripts = {_script(char) for char in letters}
    is_mixed = "LATIN" in scripts or any(char.isascii() for char in word)
    is_disguised = is_latin and bool(letters) and all(char in _LOOK_ALIKES for char in letters)
    if word.isascii() or not (is_mixed or is_disguised):
        return _unhidden(word)
    return "".join(_escaped(char) if _is_look_alike(char) else _unhidden(char) for char in word)


def _is_look_alike(char: str) -> bool:
    return not char.isascii() and (_script(char) in _LOOK_ALIKE_SCRIPTS or char.isdigit())


def _script(char: str) -> str:
    return unicodedata.name(char, "").partition(" ")[0]


def _unhidden(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char.isprintable() and char not in _SIGNS and not _SHAPELESS.match(char) else _escaped(char)
        for char in text
    )


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

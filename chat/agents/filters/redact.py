"""Redaction of personal data: e-mail addresses, telephone numbers, payment cards, bank accounts, IP addresses."""

from __future__ import annotations

import ipaddress
import re
import string
from collections.abc import Callable, Iterator, Sequence

import phonenumbers
from stdnum import iban, luhn

Span = tuple[int, int]

#: Characters that are held back: as many as the longest thing that is recognised.
WINDOW = 80
#: As many as may wait for a space: not all scripts have them, and what is held is looked through at each piece.
_LONGEST = 4 * WINDOW
#: What stands in one word with an e-mail address, a number or the like.
_GRAPHIC = string.ascii_letters + string.digits + string.punctuation
_EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+\w{2,24}")
_CARD = re.compile(r"(?<![\d-])\d(?:[ -]?\d){12,18}(?![\d-])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}(?!\w)")
_IP = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?![\w.:]*\w)")


def _emails(text: str) -> Iterator[Span]:
    return (match.span() for match in _EMAIL.finditer(text))


def _phones(text: str) -> Iterator[Span]:
    """Numbers with their country, as +49 170 1234567."""
    return ((match.start, match.end) for match in phonenumbers.PhoneNumberMatcher(text, None))


def _cards(text: str) -> Iterator[Span]:
    return (match.span() for match in _CARD.finditer(text) if luhn.is_valid(re.sub(r"\D", "", match[0])))


def _accounts(text: str) -> Iterator[Span]:
    return (match.span() for match in _IBAN.finditer(text) if iban.is_valid(match[0]))


def _addresses(text: str) -> Iterator[Span]:
    for match in _IP.finditer(text):
        try:
            ipaddress.ip_address(match[0])
        except ValueError:
            continue
        yield match.span()


#: What can be redacted -> how it is found.
KINDS: dict[str, Callable[[str], Iterator[Span]]] = {
    "email": _emails,
    "phone": _phones,
    "card": _cards,
    "iban": _accounts,
    "ip": _addresses,
}


def redacted(text: str, kinds: Sequence[str]) -> str:
    """The text with ``[email]`` and the like in the place of what was found."""
    return _written(text, _found(text, kinds), 0, len(text))


class RedactFilter:
    """Holds back the last `WINDOW` characters, in which something may just have begun."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self._kinds = kinds
        self._held = ""

    def feed(self, text: str) -> str:
        self._held += text
        cut = len(self._held) - WINDOW
        if cut <= 0:
            return ""
        # Neither within a word nor within what was found.
        space = max(self._held.rfind(" ", 0, cut), self._held.rfind("\n", 0, cut)) + 1
        if len(self._held) - space <= _LONGEST:
            cut = space
        else:
            near = cut - 2 * WINDOW
            word = self._held[near:cut].rstrip(_GRAPHIC)
            cut = near + len(word) if word else cut
        if not cut:
            return ""
        found = _found(self._held, self._kinds)
        for start, end, _kind in found:
            if start < cut < end:
                # Before it; or behind it, when it comes first: a window follows on where it was to be cut, so that it is whole.
                cut = start or end
        ready = _written(self._held, [span for span in found if span[1] <= cut], 0, cut)
        self._held = self._held[cut:]
        return ready

    def finish(self) -> str:
        held, self._held = self._held, ""
        return redacted(held, self._kinds)


def _found(text: str, kinds: Sequence[str]) -> list[tuple[int, int, str]]:
    """What was found, in order and without overlaps; of two at one place, the kind that was named first."""
    taken: list[tuple[int, int, str]] = []
    # Marked in a map of the text: a message may have ten thousand addresses, too many to compare each with all.
    covered = bytearray(len(text))
    for kind in kinds:
        for start, end in KINDS[kind](text):
            if covered.find(1, start, end) < 0:
                covered[start:end] = b"\1" * (end - start)
                taken.append((start, end, kind))
    return sorted(taken)


def _written(text: str, found: list[tuple[int, int, str]], start: int, end: int) -> str:
    pieces = []
    for first, last, kind in found:
        pieces += [text[start:first], f"[{kind}]"]
        start = last
    return "".join([*pieces, text[start:end]])

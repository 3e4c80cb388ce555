"""EgressFilter: no address leads out of the answer but to hosts that the assistant's people have named.

A model that was talked into it writes an address with what it knows in it; an image is loaded without a click.  Our own client asks
first, but OpenAI's shows every https image: so that it is decided here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import unquote

import ada_url

#: Between two of these an address is whole.  No tab: browsers pass over it within an address.
_BREAK = re.compile(r"[ \n]")
#: `scheme://host`, however many slashes of either kind; `https:host`; `//host`; `www.host`, which Markdown makes a link of.
#: A host needs no dot (`evil%2ecom`, `evil。com`, `16843009`): where an address is wanted, whatever follows two slashes is one,
#: and at the start of a word (`bare`) what could lead anywhere; among other text, as in `and//or`, it takes a dot.
_ADDRESS = re.compile(
    r"""(?ix)
    (?: (?<![a-z0-9+.-]) (?: https?:[\\/]*+ | (?!data:)[a-z][a-z0-9+.-]{1,30}:[\\/]{2,}+ )
      | (?: (?<=[(<"'=]) | (?<=\]:) ) [\\/]{2,} (?=[^\s\\/?#"'<>()])
      | (?P<bare> (?<![^\s,]) [\\/]{2,} (?=[^\s\\/?#"'<>()]) )
      | (?<![\w:\\/]) [\\/]{2,} (?=[\w\[%] [^\s\\/]* \.)
      | (?<![\w.@/-]) (?=www\.) )
    (?P<host> [^\s\\/?#"'<>()]*+ )
    [^\s<>"')]*
    """
)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
#: A word with an address in it that is longer than this is no word for people: all of it goes.
_LONGEST = 4_000
#: What any way to write an address has in it.
_SIGN = re.compile(r"[\0-\t\x0b-\x1f]|:|//|\\|&|www\.", re.IGNORECASE)
#: After two slashes: one name without a dot that is no number either (`//NOTE`), which is no host of a stranger; `//2` is division.
_COMMENT = re.compile(r"(?:[a-z_:!][\w:,;=!*+-]*|[^\W\d](?:[^\W\d]|[:,;=!*+-])*|\d{1,7}[,;]*)")
#: What has begun without a sign of an address is shorter than this, or none: a scheme has up to 31 characters.
_BEGUN = 64
#: The end of a word, in which an address may just begin; and what stands before it.
_END = re.compile(r"..?[\w+.#;/-]*\Z", re.ASCII | re.DOTALL)
#: What may stand between an opener and its address, for browsers and for readers of Markdown.
_BLANK = re.compile("[\\s\0-\x1f\u200b-\u200f\u2060\ufeff]+")
#: What they pass over within an address, or before it.
_UNSEEN = re.compile("[\0-\x1f\u200b-\u200f\u2060\ufeff]")
#: After these an address is wanted.
_OPENERS = ("](", "](<", "]:", "]:<", "<", "=", '="', "='", "url(", 'url("', "url('")
#: In the place of an address: where Markdown or HTML wants one, and among words.
_NOWHERE, _REMOVED = "about:blank", "(link removed)"


class EgressFilter:
    """Holds back one word at a time; of scripts without spaces only what could become an address."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._allowed = [host.lower().rstrip(".") for host in allowed]
        self._word = ""
        #: The last characters before it that are not blank: they tell whether an address is wanted here.
        self._before = ""
        #: The rest of an endless word goes, too.
        self._drops = False

    def feed(self, text: str) -> str:
        held = self._word + text
        *words, last = _BREAK.split(held)
        ready = [self._next(word) + space for word, space in zip(words, _BREAK.findall(held), strict=True)]
        if self._drops:
            last = ""
        elif not _SIGN.search(last):
            end = _END.search(last, len(last) - _BEGUN)
            ready.append(self._went(last[: end.start()]) if end else "")
            last = last[end.start() :] if end else last
        elif len(last) > _LONGEST:
            ready.append(_REMOVED)
            last, self._drops = "", True
        self._word = last
        return "".join(ready)

    def finish(self) -> str:
        word, self._word = self._word, ""
        return self._next(word)

    def _next(self, word: str) -> str:
        if self._drops:
            self._drops = False
            return ""
        shown = self._checked(word)
        self._went(word)
        return shown

    def _went(self, text: str) -> str:
        if kept := _BLANK.sub("", text[-_BEGUN:]):
            self._before = (self._before + kept)[-4:]
        return text

    def _checked(self, word: str) -> str:
        if not _SIGN.search(word):
            return word
        if len(word) > _LONGEST:
            return _REMOVED
        plain = _ADDRESS.sub(self._replaced, word)
        # Markdown reads entities and escapes in addresses, and browsers pass over tabs.
        read = _UNSEEN.sub("", _ESCAPE.sub(r"\1", html.unescape(plain)))
        if read != plain and _ADDRESS.sub(self._replaced, read) != read:
            return _REMOVED
        return plain

    def _replaced(self, match: re.Match[str]) -> str:
        before = match.string[: match.start()]
        if self.allows(match["host"]):
            return match[0]
        if match["bare"] and _COMMENT.fullmatch(_host(match["host"])) and not self._wants_address(before):
            return match[0]
        return _NOWHERE if before.endswith(("(", "<", '"', "'", "=", "]:")) else _REMOVED

    def _wants_address(self, before: str) -> bool:
        """Whether Markdown or HTML reads an address here: spaces and a line's end may stand before it."""
        return (self._before + _BLANK.sub("", before[-_BEGUN:])).endswith(_OPENERS)

    def allows(self, authority: str) -> bool:
        """Whether a host, with what may stand around it (user, port), is one of those that were named."""
        if not re.search(r"\w", _host(authority)):
            return True  # no host, so no address
        try:
            host = ada_url.URL(f"https://{authority}/").hostname.rstrip(".")
        except ValueError:
            return False  # browsers do not agree on what it is
        return any(
            host == allowed or (allowed.startswith("*.") and host.endswith(allowed[1:])) for allowed in self._allowed
        )


def _host(authority: str) -> str:
    """The host as browsers read it: `ⓔⓥⓘⓛ` is `evil`, and wide digits are digits."""
    host = unicodedata.normalize("NFKC", unquote(authority)).rpartition("@")[2].lower()
    return re.sub(r":\d*$", "", host).rstrip(".。")

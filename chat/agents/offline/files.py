"""What the offline assistant says about attached files: it quotes what fits the question best."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from chat.tools.untrusted import marked_in

_PAGE = re.compile(r"\[page (\d+)\]\n?")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
#: Words that say nothing about what a question is about.
_COMMON = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "about",
        "at",
        "be",
        "by",
        "can",
        "do",
        "does",
        "for",
        "from",
        "has",
        "have",
        "how",
        "i",
        "in",
        "is",
        "it",
        "its",
        "me",
        "my",
        "of",
        "on",
        "or",
        "please",
        "say",
        "says",
        "tell",
        "that",
        "the",
        "there",
        "this",
        "to",
        "was",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "with",
        "you",
        "your",
        "file",
        "document",
        "attached",
        "attachment",
        "summarise",
        "summarize",
    ]
)
_MOST_QUOTES = 3


@dataclass(frozen=True, slots=True)
class File:
    """An attached file as it stands in the conversation."""

    name: str
    mime: str
    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a file; ``page`` is 0 where there are none."""

    file: File
    page: int
    words: str


def files_in(item: dict[str, Any]) -> list[File]:
    """The files of a message."""
    content = item.get("content")
    parts = content if isinstance(content, list) else []
    return [file for part in parts for file in _files_of(part)]


def is_file(part: dict[str, Any]) -> bool:
    """Whether a part of a message is an attached file."""
    return next(_files_of(part), None) is not None


def _files_of(part: dict[str, Any]) -> Iterator[File]:
    for raw in marked_in(part.get("text") or "", "file"):
        try:
            data = orjson.loads(raw)
            yield File(str(data["name"]), str(data["type"]), str(data["text"]))
        except (ValueError, KeyError, TypeError):
            continue  # Marks that a user has typed.


@dataclass(frozen=True, slots=True)
class Answer:
    """Words, and the files that they are from: name -> where in the words it is quoted."""

    words: str
    sources: dict[str, int]


def about(files: list[File], question: str) -> Answer:
    """An answer from the text of files."""
    quotes = best_quotes(files, question)
    if not quotes:
        names = ", ".join(f"**{file.name}**" for file in files)
        return Answer(
            f"I have {names}, but there is no text in it that I could read. A model that sees could look at it.", {}
        )
    words, sources = "This is what I found:", {}
    for quote in quotes:
        words += f"\n\n> {quote.words}"
        sources[quote.file.name] = len(words)
        words += f"\n>\n> — {_place(quote)}"
    return Answer(words, sources)


def best_quotes(files: list[File], question: str) -> list[Quote]:
    """The sentences that share most words with the question; without any, how each file begins."""
    wanted = set(_words(question)) - _COMMON
    quotes = [quote for file in files for quote in _quotes(file)]
    ranked = sorted(quotes, key=lambda quote: -len(wanted.intersection(_words(quote.words))))
    fitting = [quote for quote in ranked if wanted.intersection(_words(quote.words))][:_MOST_QUOTES]
    beginnings = {quote.file.name: quote for quote in reversed(quotes)}
    return fitting or list(beginnings.values())


def _place(quote: Quote) -> str:
    return f"**{quote.file.name}**, page {quote.page}" if quote.page else f"**{quote.file.name}**"


def _quotes(file: File) -> list[Quote]:
    # Odd pieces are the numbers of the pages between them.
    pieces = _PAGE.split(file.text)
    found = []
    for at in range(0, len(pieces), 2):
        page = int(pieces[at - 1]) if at else 0
        found += [Quote(file, page, words) for piece in _SENTENCE.findall(pieces[at]) if (words := piece.strip())]
    return found


def _words(text: str) -> list[str]:
    return [word.rstrip("s") or word for word in re.findall(r"\w+", text.lower())]

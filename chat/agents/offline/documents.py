"""What the offline assistant says from documents: the sentences that answer best, each with where it stands."""

from __future__ import annotations

import json
from dataclasses import dataclass

from chat.tools.untrusted import marked_in

NOT_THERE = "That is not in my documents."
_MOST_PASSAGES = 2
#: Characters that are quoted of one passage.
_MOST = 600


@dataclass(frozen=True, slots=True)
class Passage:
    """As the model is shown it; ``fits``: it is about the question."""

    number: int
    title: str
    text: str
    fits: bool


def from_passages(told: str) -> str:
    """An answer out of the passages in a tool's result or a note; that there is none, where none fits."""
    best = [passage for passage in _passages_in(told) if passage.fits][:_MOST_PASSAGES]
    if not best:
        return NOT_THERE
    return "\n\n".join(["This is what my documents say:", *(_quoted(passage) for passage in best)])


def _passages_in(told: str) -> list[Passage]:
    lines = [line for found in marked_in(told, "passages") for line in found.splitlines() if line.strip()]
    rows = [json.loads(line) for line in lines]
    return [Passage(row["number"], row["title"], row["text"], row["fits"]) for row in rows]


def _quoted(passage: Passage) -> str:
    text = passage.text.strip()
    if text.startswith(("|", "```")):
        return f"{text}\n\n{passage.title} [{passage.number}]"
    short = text if len(text) <= _MOST else f"{text[:_MOST].rsplit(' ', 1)[0]} …"
    quoted = "\n".join(f"> {line}".rstrip() for line in short.splitlines())
    return f"{quoted} [{passage.number}]"

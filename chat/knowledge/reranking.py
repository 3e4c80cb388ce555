"""Reranking: passages that were found, by the one sentence in them that is nearest to the question.

A vector is the average of all that its passage says; the sentence that answers is lost among others.  Vectors are made on this
server, whatever provider made those of the index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from chat.knowledge.embedding import embed_offline

#: Passages that are looked at, and sentences of each.
CANDIDATES, _MOST_SENTENCES = 20, 40
_END = re.compile(r"(?<=[.!?…。])\s+|\n\n+")


def by_sentence(question: str, passages: Sequence[tuple[str, str]]) -> list[int]:
    """The positions of passages (title, text), the nearest sentence first.  Blocks: for threads only."""
    places, sentences = [], [question]
    for place, (title, text) in enumerate(passages):
        found = [part for part in _END.split(text) if part.strip()][:_MOST_SENTENCES] or [text]
        sentences += [f"{title} {part}" for part in found]
        places += [place] * len(found)
    vectors = embed_offline(sentences)
    nearest: dict[int, float] = {}
    for place, near in zip(places, vectors[1:] @ vectors[0], strict=True):
        nearest[place] = max(nearest.get(place, -1.0), float(near))
    return sorted(nearest, key=lambda place: -nearest[place])

"""Text, and questions with approved answers, that stand in the source itself."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from itertools import islice

from chat.knowledge.blocks import blocks_of
from chat.knowledge.documents import Loaded
from chat.knowledge.loaders.place import Place
from chat.models import KnowledgeSource

_MIME = "text/markdown"


async def text(source: KnowledgeSource, _place: Place) -> AsyncIterator[Loaded]:
    """One document."""
    if source.content.strip():
        yield Loaded("text", source.name, _MIME, source.content.encode())


async def answers(source: KnowledgeSource, place: Place) -> AsyncIterator[Loaded]:
    """A document for each question."""
    for question, answer in islice(pairs_of(source.content), place.setdefault("next", 0), None):
        place["next"] += 1
        key = hashlib.sha256(question.casefold().encode()).hexdigest()
        yield Loaded(key, question, _MIME, answer.encode())


def pairs_of(content: str) -> Iterator[tuple[str, str]]:
    """Questions with their answers: a heading, and all that stands below it up to the next one of its level."""
    headings = [block for block in blocks_of(content, is_markdown=True) if block.kind == "heading"]
    level = min((heading.level for heading in headings), default=0)
    asked = [heading for heading in headings if heading.level == level]
    for number, heading in enumerate(asked):
        end = asked[number + 1].start if number + 1 < len(asked) else len(content)
        question = content[heading.start : heading.end].split("\n", maxsplit=1)[0].strip("# \t")
        answer = content[heading.end : end].strip()
        if question and answer:
            yield question, answer

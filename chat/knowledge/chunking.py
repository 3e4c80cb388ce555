"""A document -> chunks: passages that make sense by themselves, each with the headings above it and its place."""

from __future__ import annotations

import bisect
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chat.knowledge.blocks import Block, blocks_of

#: Characters that a chunk should have, and may have: a table or a piece of code is kept whole up to the second.
AIM, MOST = 1_200, 4_000
#: No document has more; the rest of it is not found.
MOST_CHUNKS = 20_000
_TITLE_CHARS = 500
#: Where a sentence ends.  Looked for from the first of several full stops alone, and never given back: each character is read once.
_SENTENCE_END = re.compile(r"(?<![.!?…。])[.!?…。]++[\"'”’)\]]*+(?=\s)|\n")


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk before it is stored.  Its text stands at ``start``; what is cut out of a table has the table's head before it."""

    title: str
    text: str
    start: int
    end: int
    page: int

    @property
    def indexed(self) -> str:
        """What vectors are made of."""
        return f"{self.title}\n{self.text}"

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.indexed.encode()).digest()


def chunks_of(title: str, text: str, pages: Sequence[int], *, is_markdown: bool) -> list[Passage]:
    """The chunks of a document, in order.  ``pages``: where its pages begin, if they have numbers; none reaches across two.

    The same document has the same chunks each time: what a killed worker left is completed, not made twice.
    """
    path: list[tuple[int, str]] = []
    found: list[Passage] = []
    gathered: list[tuple[int, int]] = []

    def page_of(start: int) -> int:
        return bisect.bisect_right(pages, start)

    def heading() -> str:
        # A document that has a title of its own needs no name of a file.
        own = [] if path and path[0][0] == 1 else [title]
        return " › ".join([*own, *(name for _level, name in path)])[:_TITLE_CHARS]

    def add(start: int, end: int, head: str = "") -> None:
        if body := text[start:end].strip():
            found.append(Passage(heading(), head + body, start, end, page_of(start)))

    def flush() -> None:
        if gathered:
            add(gathered[0][0], gathered[-1][1])
            gathered.clear()

    for block in _within_pages(blocks_of(text, is_markdown=is_markdown), pages):
        if len(found) >= MOST_CHUNKS:
            break
        if block.kind == "heading":
            flush()
            while path and path[-1][0] >= block.level:
                path.pop()
            path.append((block.level, _plain(text[block.start : block.end])))
            continue
        for start, end, head in _pieces(text, block):
            full = gathered and end - gathered[0][0] > AIM
            if head or full or (gathered and page_of(gathered[0][0]) != page_of(start)):
                flush()
            if head:
                add(start, end, head)
            else:
                gathered.append((start, end))
    flush()
    if not found and path:  # nothing but headings
        add(0, len(text))
    return found[:MOST_CHUNKS]


def _within_pages(blocks: Iterator[Block], pages: Sequence[int]) -> Iterator[Block]:
    """The blocks, cut where a page begins inside of them."""
    for block in blocks:
        start = block.start
        for cut in pages[bisect.bisect_right(pages, start) : bisect.bisect_left(pages, block.end)]:
            yield Block(block.kind, start, cut, block.level)
            start = cut
        yield Block(block.kind, start, block.end, block.level)


def _pieces(text: str, block: Block) -> Iterator[tuple[int, int, str]]:
    """What of a block may stand in one chunk: start, end, and what has to be said before it."""
    length = block.end - block.start
    if block.kind in ("table", "code"):
        if length <= MOST:
            yield block.start, block.end, ""
            return
        lines = text[block.start : block.end].split("\n")
        head = "\n".join(lines[:2]) + "\n"
        if block.kind == "code" or len(head) > AIM:
            yield from _gathered(lines, block.start, block.end, gap=1)
        else:
            rows = _gathered(lines[2:], block.start + len(head), block.end, gap=1)
            yield from ((start, end, head) for start, end, _ in rows)
    elif length <= AIM:
        yield block.start, block.end, ""
    else:
        yield from _gathered(_sentences(text[block.start : block.end]), block.start, block.end, gap=0)


def _sentences(text: str) -> list[str]:
    """The text in pieces that each end where a sentence does, or a line."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    return [text[start:end] for start, end in pairwise([0, *ends, len(text)]) if start < end]


def _gathered(parts: list[str], start: int, stop: int, *, gap: int) -> Iterator[tuple[int, int, str]]:
    """Neighbouring parts, as many as a chunk should have; ``gap`` characters are between two.  One that is too long is cut."""
    begin = at = start
    for part in parts:
        end = at + len(part)
        if end - begin > AIM and at > begin:
            yield begin, at, ""
            begin = at
        while end - begin > MOST:
            yield begin, begin + AIM, ""
            begin += AIM
        at = end + gap
    if stop > begin:
        yield begin, stop, ""


def _plain(heading: str) -> str:
    """The words of a heading, without Markdown's signs."""
    first = heading.split("\n", maxsplit=1)[0]
    words = re.sub(r"\[([^\[\]]*)\]\([^\[)]*\)", r"\1", first)
    return re.sub(r"[*_`#]+", "", words).strip()

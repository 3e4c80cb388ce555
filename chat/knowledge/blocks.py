"""The blocks of a document: headings, paragraphs, lists, tables and code, each with its place in the text."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Literal

from markdown_it import MarkdownIt

BlockKind = Literal["heading", "text", "table", "code"]
_KINDS: dict[str, BlockKind] = {"heading_open": "heading", "table_open": "table", "fence": "code", "code_block": "code"}
_PARAGRAPH = re.compile(r"\S.*?(?=\n[ \t]*\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """``text[start:end]`` of a document; ``level`` is that of a heading."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0


@functools.cache
def markdown() -> MarkdownIt:
    """Markdown with tables, in which HTML is text and images are not loaded."""
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def blocks_of(text: str, *, is_markdown: bool) -> Iterator[Block]:
    """The blocks from the first to the last, without the space between them."""
    if not is_markdown:
        for found in _PARAGRAPH.finditer(text):
            yield Block("text", found.start(), found.end())
        return
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    for token in markdown().parse(text):
        if token.level or token.map is None or token.nesting < 0 or token.type == "hr":
            continue
        first, last = token.map
        start = starts[first]
        end = min(starts[min(last, len(lines))], len(text))
        body = text[start:end].rstrip()
        if body:
            level = int(token.tag[1]) if token.type == "heading_open" else 0
            yield Block(_KINDS.get(token.type, "text"), start, start + len(body), level)

"""A document for people: its text as HTML in which nothing can run or load, with a passage marked."""

from __future__ import annotations

import bisect
import html
from collections.abc import Sequence
from dataclasses import dataclass

from chat.knowledge.blocks import blocks_of, markdown
from chat.models import Chunk, Document

#: Characters around the passage that are shown of a long document.
_AROUND = 60_000


@dataclass(frozen=True, slots=True)
class Shown:
    """``html`` is safe.  ``is_part``: the document goes on before or after it."""

    html: str
    page: int
    is_part: bool


def find(tenant_id: int, document_id: str, role: str, named: Sequence[str] = ()) -> Document | None:
    """A document that answers somebody in this role.  One query.  ``named`` as in `chat.knowledge.scope.scope_of`."""
    found = (
        Document.objects.for_tenant(tenant_id)
        .select_related("source")
        .filter(Document.readable_by(role), public_id=document_id, version__gt=0, source__is_enabled=True)
    )
    return (found.filter(source__public_id__in=named) if named else found).first()


def show(document: Document, at: int | None) -> Shown:
    """The text, with the chunk marked that begins at a place.  One query, if a place is given."""
    chunk = None
    if at is not None:
        chunks = Chunk.objects.for_tenant(document.tenant_id).filter(document=document, version=document.version)
        chunk = chunks.filter(start=at).first()
    start, end = (chunk.start, chunk.end) if chunk is not None else (0, 0)
    begin = max(start - _AROUND, 0)
    text = document.text[begin : max(end, _AROUND) + _AROUND]
    made = _markdown if document.is_markdown else _plain
    page = chunk.page if chunk is not None else 0
    pages = [first - begin for first in document.pages]
    return Shown(made(text, start - begin, end - begin, pages), page, len(text) < len(document.text))


def _markdown(text: str, start: int, end: int, _pages: list[int]) -> str:
    renderer = markdown()
    tokens = renderer.parse(text)
    lines = [0]
    for line in text.split("\n"):
        lines.append(lines[-1] + len(line) + 1)
    is_first = True
    for token in tokens:
        if token.level or token.map is None or token.nesting < 0:
            continue
        first, last = lines[token.map[0]], lines[min(token.map[1], len(lines) - 1)]
        if end and first < end and start < last:
            token.attrJoin("class", "cited")
            if is_first:
                token.attrSet("id", "passage")
                is_first = False
    rendered: str = renderer.renderer.render(tokens, renderer.options, {})
    return rendered


def _plain(text: str, start: int, end: int, pages: list[int]) -> str:
    parts, page, is_first = [], 0, True
    for block in blocks_of(text, is_markdown=False):
        of_block = bisect.bisect_right(pages, block.start)
        if pages and of_block != page:
            page = of_block
            parts.append(f'<h2 class="page-number">Page {page}</h2>')
        before = html.escape(text[block.start : max(block.start, min(start, block.end))])
        cited = html.escape(text[max(block.start, start) : min(block.end, end)])
        after = html.escape(text[min(block.end, max(end, block.start)) : block.end])
        if not cited:
            parts.append(f"<p>{before}{after}</p>")
            continue
        place = ' id="passage"' if is_first else ""
        is_first = False
        parts.append(f'<p>{before}<mark class="cited"{place}>{cited}</mark>{after}</p>')
    return "\n".join(parts)

"""Conversations as files: JSON lines for programs, CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import orjson

from chat.models import Thread, ThreadItem
from chat.stores import codec

Format = Literal["jsonl", "csv"]
#: Conversations in one file, the newest of those that were found; and items of one conversation.
MOST_THREADS, MOST_ITEMS = 1_000, 10_000
#: The largest file.
MOST_BYTES = 50_000_000
_COLUMNS = ("conversation", "title", "assistant", "person", "at", "who", "text")
_WHO = {"user_message": "user", "assistant_message": "assistant"}
#: What spreadsheets take for the beginning of a formula, with all of the white space before it.
_FORMULA = re.compile(r"(?<![ \t\r\n])([ \t\r\n]*+)([=+\-@|%])")


def export(threads: Iterable[Thread], kind: Format) -> Iterator[bytes]:
    """The lines of a file with the conversations; it ends with the conversation, or row, that makes it larger than `MOST_BYTES`."""
    size = 0
    for line in _json_lines(threads) if kind == "jsonl" else _csv(threads):
        yield line
        size += len(line)
        if size > MOST_BYTES:
            return


def _json_lines(threads: Iterable[Thread]) -> Iterator[bytes]:
    for thread in threads:
        line = {
            "id": thread.public_id,
            "title": thread.title,
            "assistant": thread.assistant.slug,
            "person": {"id": thread.end_user.public_id, "name": thread.end_user.display_name},
            "status": thread.status,
            "created_at": codec.utc_text(thread.created_at),
            "items": _items(thread),
        }
        yield orjson.dumps(line) + b"\n"


def _csv(threads: Iterable[Thread]) -> Iterator[bytes]:
    yield _row(_COLUMNS)
    for thread in threads:
        person = thread.end_user.display_name or thread.end_user.public_id
        about = (thread.public_id, thread.title or "", thread.assistant.slug, person)
        for item in _items(thread):
            text = "\n".join(part.get("text", "") for part in item.get("content") or [] if isinstance(part, dict))
            yield _row((*about, item.get("created_at", ""), _WHO.get(item["type"], item["type"]), text))


def _items(thread: Thread) -> list[dict[str, Any]]:
    rows = ThreadItem.objects.for_tenant(thread.tenant_id).filter(thread=thread, is_hidden=False).order_by("pk")
    return list(rows.values_list("data", flat=True)[:MOST_ITEMS])


def _row(cells: Iterable[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow([inert(cell) for cell in cells])
    return line.getvalue().encode()


def inert(cell: str) -> str:
    """A cell that no spreadsheet runs: what would begin a formula gets an apostrophe before it."""
    return _FORMULA.sub(_with_apostrophe, cell)


def _with_apostrophe(match: re.Match[str]) -> str:
    """The sign, with an apostrophe where a cell may begin.

    Some spreadsheets divide a cell at semicolons, commas, tabs and line breaks, whatever stands in quotation marks.
    """
    space, sign = match.groups()
    start = match.start()
    begins = start == 0 or match.string[start - 1] in ";," or space.strip(" ")
    return f"{space}'{sign}" if begins else match[0]

"""Tables in Markdown, as every kind of document gives them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a Markdown table, the first as its head; empty without rows."""
    if not rows:
        return ""
    width = max(len(row) for row in rows)
    lines = [f"| {' | '.join(_cell(value) for value in [*row, *[''] * (width - len(row))])} |" for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])


def csv_table(written: str) -> str:
    """The text of a CSV file as a table; as it stands where it has no columns."""
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(written[:10_000], delimiters=",;\t|")
        rows = [row for row in csv.reader(io.StringIO(written), dialect) if any(row)]
    except csv.Error:
        return written
    return table(rows)


def _cell(value: str) -> str:
    return " ".join(value.replace("|", "\\|").split())

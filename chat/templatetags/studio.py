"""Filters of the pages on which people look into conversations."""

from __future__ import annotations

from typing import Any

import orjson
from django import template

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    """JSON for people to read."""
    return value if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


@register.filter
def told(event: dict[str, Any]) -> str:
    """What an event says beside its type, in one line."""
    rest = {name: value for name, value in event.items() if name != "type"}
    line = orjson.dumps(rest).decode()
    return line if len(line) <= 400 else f"{line[:400]}…"

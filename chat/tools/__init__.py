"""Tools: one file each, registered under its name by `@tool`.  An assistant's version lists the names it may use."""

from __future__ import annotations

from collections.abc import Iterable

from agents import FunctionTool

from chat.tools import (
    ask_human,
    ask_questions,
    calculator,
    contact_form,
    current_time,
    page_title,
    rename_thread,
    search_threads,
    show_summary,
)
from chat.tools.registry import REGISTRY

__all__ = [
    "ENDS_TURN",
    "REGISTRY",
    "ask_human",
    "ask_questions",
    "calculator",
    "contact_form",
    "current_time",
    "page_title",
    "rename_thread",
    "search_threads",
    "show_summary",
    "tools_named",
]

#: Tools after which the model waits.
ENDS_TURN = frozenset(tool.name for tool in REGISTRY.values() if tool.ends_turn)


def tools_named(names: Iterable[str]) -> list[FunctionTool]:
    """The registered tools with these names; a name that is not registered any more is passed over."""
    return [REGISTRY[name].offered for name in names if name in REGISTRY]

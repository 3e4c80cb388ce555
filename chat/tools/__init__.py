"""Tools: one file each, registered here by name.  An assistant's version lists the names it may use."""

from __future__ import annotations

from collections.abc import Iterable

from agents import FunctionTool

from chat.tools.calculator import calculator
from chat.tools.current_time import current_time
from chat.tools.page_title import page_title
from chat.tools.show_summary import show_summary

REGISTRY: dict[str, FunctionTool] = {tool.name: tool for tool in (calculator, current_time, page_title, show_summary)}

#: Tools that run in the browser.
CLIENT_TOOLS = frozenset({page_title.name})


def tools_named(names: Iterable[str]) -> Iterable[FunctionTool]:
    """The registered tools with these names; a name that is not registered any more is passed over."""
    return (REGISTRY[name] for name in names if name in REGISTRY)

"""Tools: one file each, registered under its name by `@tool`.  An assistant's version lists the names it may use."""

from __future__ import annotations

from chat.tools import (
    ask_human,
    ask_questions,
    calculator,
    contact_form,
    current_time,
    decisions,
    image_generation,
    packing_list,
    page_title,
    rename_thread,
    search_documents,
    search_threads,
    show_summary,
    widget_gallery,
)
from chat.tools.registry import REGISTRY, RegisteredTool
from chat.tools.tenant_tools import tool_named, tools_of

__all__ = [
    "REGISTRY",
    "RegisteredTool",
    "ask_human",
    "ask_questions",
    "calculator",
    "contact_form",
    "current_time",
    "decisions",
    "image_generation",
    "packing_list",
    "page_title",
    "rename_thread",
    "search_documents",
    "search_threads",
    "show_summary",
    "tool_named",
    "tools_of",
    "widget_gallery",
]

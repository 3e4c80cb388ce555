"""rename_thread: gives the conversation a title; it writes, so that the user is asked first."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from chat.tools.base import ToolCall, tool
from chat.tools.registry import Command


def _title(arguments: dict[str, Any]) -> str:
    title = " ".join(arguments["title"].replace("\0", " ").split())
    if not 0 < len(title) <= settings.CHAT_MAX_TITLE_CHARS:
        raise ValueError("no title, or one that is too long")
    return title


def _question(arguments: dict[str, Any]) -> str:
    return f"Rename this conversation to “{_title(arguments)}”?"


@tool(asks=_question, command=Command("Rename", "Give this conversation a title", "Rename this chat to ", "write"))
async def rename_thread(call: ToolCall, title: str) -> str:
    """Give this conversation another title.  The user is asked to agree.

    Args:
        title: The new title.
    """
    call.context.thread.title = _title({"title": title})
    return "The conversation has its new title."

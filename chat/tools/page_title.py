"""page_title: a client tool; the browser answers it."""

from __future__ import annotations

from chatkit.agents import ClientToolCall

from chat.tools.base import ToolCall, tool


@tool(ends_turn=True)
async def page_title(call: ToolCall) -> str:
    """Ask the user's browser for the title and address of the page that the chat is on."""
    call.context.client_tool_call = ClientToolCall(name="page_title", arguments={})
    return "Waiting for the browser."

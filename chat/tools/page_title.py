"""page_title: a client tool; the browser answers it."""

from __future__ import annotations

from agents import RunContextWrapper, function_tool
from chatkit.agents import AgentContext, ClientToolCall

from chat.context import ChatContext


@function_tool
async def page_title(wrapper: RunContextWrapper[AgentContext[ChatContext]]) -> str:
    """Ask the user's browser for the title and address of the page that the chat is on."""
    wrapper.context.client_tool_call = ClientToolCall(name="page_title", arguments={})
    return "Waiting for the browser."

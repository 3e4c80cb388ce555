"""`@tool`: makes a function a tool that assistants may be given, and registers it under its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from agents import RunContextWrapper, function_tool

from chat.tools.agent_context import PlatformAgentContext
from chat.tools.approval import with_approval
from chat.tools.registry import REGISTRY, Command, RegisteredTool

#: What a tool function takes first, if it wants to know who is speaking.  `call.context` is ChatKit's context, through which it
#: streams widgets, progress, client effects and workflow tasks; `call.context.request_context` is our `ChatContext`.
ToolCall = RunContextWrapper[PlatformAgentContext]

#: How long an async tool may take, in seconds.
TIME_LIMIT = 20.0


def tool(
    *,
    ends_turn: bool = False,
    asks: Callable[[dict[str, Any]], str] | None = None,
    command: Command | None = None,
) -> Callable[[Callable[..., Any]], RegisteredTool]:
    """Register a function as a tool.  Its name, docstring and annotations are what the model sees of it.

    An exception reaches the model as a fixed sentence; a tool that knows what went wrong returns it.

    Args:
        ends_turn: the model waits after this tool: its result comes from the browser, or from the user.
        asks: makes the tool one that writes.  It is not called before the user has agreed to the question which this function
            makes of the arguments.
        command: shows the tool in the composer's "/" menu.
    """

    def register(function: Callable[..., Any]) -> RegisteredTool:
        # A thread cannot be ended from outside: only what waits on the event loop has a limit.
        made = function_tool(function, timeout=TIME_LIMIT if inspect.iscoroutinefunction(function) else None)
        offered = with_approval(made, asks) if asks is not None else made
        registered = RegisteredTool(offered, made, ends_turn or asks is not None, command)
        REGISTRY[made.name] = registered
        return registered

    return register

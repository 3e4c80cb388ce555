"""Tools that write ask first: a card with the question, and the work only when the user agrees.

What is to be done stands in a one-use token on the server; the card carries nothing but the token's name.  So nobody, the model
included, can change it after it was shown, and a second click finds the token used.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from agents import FunctionTool
from agents.tool_context import ToolContext
from chatkit.agents import AgentContext

from chat.actions import ActionCall, Outcome, action
from chat.context import ChatContext
from chat.stores import token_queries as tokens
from chat.tools.registry import REGISTRY
from chat.widgets.approval_card import approval_card, decided_card
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id

PURPOSE = "approval"


def with_approval(tool: FunctionTool, question_of: Callable[[dict[str, Any]], str]) -> FunctionTool:
    """The tool as the model is given it: calling it asks the user."""

    async def ask(call: ToolContext[AgentContext[ChatContext]], arguments: str) -> str:
        try:
            given = json.loads(arguments or "{}")
            question = question_of(given)
        except (ValueError, KeyError, TypeError, AttributeError):
            return "The arguments are not valid."
        context = call.context
        data = {"tool": tool.name, "arguments": arguments, "question": question}
        token = await in_database(tokens.issue, PURPOSE, data, context.thread.id, context.request_context)
        await context.stream_widget(approval_card(question, token), copy_text=question)
        return "The user is being asked and has not decided yet."

    return FunctionTool(
        name=tool.name,
        description=tool.description,
        params_json_schema=tool.params_json_schema,
        on_invoke_tool=ask,
        strict_json_schema=tool.strict_json_schema,
    )


@action("approval.confirm")
async def confirm(call: ActionCall) -> Outcome:
    """Do what the user has agreed to, once."""
    data = await _claim(call)
    known = REGISTRY.get(data["tool"])
    if known is None:
        raise PlatformError("action_expired")
    context = AgentContext[ChatContext](thread=call.thread, store=call.store, request_context=call.context)
    running = ToolContext(
        context=context, tool_name=known.name, tool_call_id=new_id("tool_call"), tool_arguments=data["arguments"]
    )
    output = str(await known.execute.on_invoke_tool(running, data["arguments"]))
    shown: list[Any] = [context._events.get_nowait() for _ in range(context._events.qsize())]
    return Outcome(
        widget=decided_card(data["question"], "Confirmed", "check-circle"),
        note=f"The user agreed to: {data['question']} It was done. {output}",
        speaks=True,
        events=shown,
    )


@action("approval.cancel")
async def cancel(call: ActionCall) -> Outcome:
    """Do nothing, and let the model know."""
    data = await _claim(call)
    return Outcome(
        widget=decided_card(data["question"], "Cancelled", "lucide:x"),
        note=f"The user refused: {data['question']} Nothing was done.",
        speaks=True,
    )


async def _claim(call: ActionCall) -> dict[str, Any]:
    return await in_database(tokens.claim, call.payload.get("token"), PURPOSE, call.thread.id, call.context)

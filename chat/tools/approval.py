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

from chat.context import ChatContext
from chat.stores import token_queries as tokens
from chat.widgets.approval_card import approval_card
from chatplatform.lib.db_pool import in_tenant

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
        caller = context.request_context
        token = await in_tenant(caller.tenant.id, tokens.issue, PURPOSE, data, context.thread.id, caller)
        await context.stream_widget(approval_card(question, token), copy_text=question)
        return "The user is being asked and has not decided yet."

    return FunctionTool(
        name=tool.name,
        description=tool.description,
        params_json_schema=tool.params_json_schema,
        on_invoke_tool=ask,
        strict_json_schema=tool.strict_json_schema,
    )

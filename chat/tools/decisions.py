"""What happens when the user has decided about a tool that writes."""

from __future__ import annotations

from typing import Any

from agents.tool_context import ToolContext

from chat.actions import ActionCall, Outcome, action
from chat.stores import token_queries as tokens
from chat.tools.agent_context import PlatformAgentContext
from chat.tools.approval import PURPOSE, fingerprint
from chat.tools.tenant_tools import tool_named
from chat.widgets.approval_card import decided_card, digest_of
from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id


@action("approval.confirm")
async def confirm(call: ActionCall) -> Outcome:
    """Do what the user has agreed to, once: with the arguments that the card shows, by the tool as it was then.

    Raises:
        PlatformError: ``action_expired``.
    """
    data = await _claim(call)
    known = await tool_named(data["tool"], call.context)
    if known is None or known.execute is None or fingerprint(known.definition) != data["definition"]:
        raise PlatformError("action_expired")
    context = PlatformAgentContext(thread=call.thread, store=call.store, request_context=call.context)
    running = ToolContext(
        context=context, tool_name=known.name, tool_call_id=new_id("tool_call"), tool_arguments=data["arguments"]
    )
    output = str(await known.execute.on_invoke_tool(running, data["arguments"]))
    shown: list[Any] = [context._events.get_nowait() for _ in range(context._events.qsize())]
    return Outcome(
        widget=decided_card(data["texts"], "Confirmed", "check-circle"),
        note=f"The user agreed to: {_asked(data)} It was done. {output}",
        speaks=True,
        events=shown,
    )


@action("approval.cancel")
async def cancel(call: ActionCall) -> Outcome:
    """Do nothing, and let the model know."""
    data = await _claim(call)
    return Outcome(
        widget=decided_card(data["texts"], "Cancelled", "lucide:x"),
        note=f"The user refused: {_asked(data)} Nothing was done.",
        speaks=True,
    )


async def _claim(call: ActionCall) -> dict[str, Any]:
    token = call.payload.get("token")
    data = await in_tenant(call.context.tenant.id, tokens.claim, token, PURPOSE, call.thread.id, call.context)
    # Tokens of an older version, and cards that do not say what the token is for.
    if call.sender is None or data.get("shown") != digest_of(call.sender.widget):
        raise PlatformError("action_expired")
    return data


def _asked(data: dict[str, Any]) -> str:
    return f"{data['texts'][0][1]} ({data['tool']} {data['arguments']})"

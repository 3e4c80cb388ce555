"""ask_human: hands the conversation over to a person."""

from __future__ import annotations

from chat.actions import ActionCall, Outcome, action
from chat.thread_state import let_assistant_answer, wait_for_human
from chat.tools.base import ToolCall, tool
from chat.tools.registry import Command
from chat.widgets.handover_card import handover_card, resumed_card


@tool(command=Command("Ask a person", "Have somebody look at this", "I want to talk to a person.", "user"))
async def ask_human(call: ToolCall, reason: str) -> str:
    """Hand this conversation over to a person, who will answer in your place.  Use it when the user asks for one, or needs one.

    Args:
        reason: What the person should know, in one sentence.
    """
    wait_for_human(call.context.thread, reason)
    await call.context.stream_widget(handover_card(), copy_text="A person will answer here.")
    return "A person was told and will answer in this conversation."


@action("human.cancel")
async def resume(call: ActionCall) -> Outcome:
    """The user would rather go on with the assistant."""
    let_assistant_answer(call.thread)
    return Outcome(widget=resumed_card(), note="The user does not wait for a person any more: you answer again.")

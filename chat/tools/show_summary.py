"""show_summary: a widget with a title and a few facts."""

from __future__ import annotations

from chat.tools.base import ToolCall, tool
from chat.widgets.summary_card import Fact, summary_card


@tool()
async def show_summary(call: ToolCall, title: str, facts: list[Fact]) -> str:
    """Show the user a card with a title and up to ten facts.

    Args:
        title: The card's heading.
        facts: What the card lists, each with a label and a value.
    """
    shown = facts[:10]
    text = "\n".join([title, *(f"{fact.label}: {fact.value}" for fact in shown)])
    await call.context.stream_widget(summary_card(title, shown), copy_text=text)
    return "The card is shown."

"""contact_form: a form for a request to a person."""

from __future__ import annotations

from chat.tools.base import ToolCall, tool
from chat.tools.registry import Command
from chat.widgets.contact_form import CONTACT
from chat.widgets.forms import form_card


@tool(
    ends_turn=True,
    command=Command("Contact form", "Leave a request for a person", "Show me the contact form.", "mail"),
)
async def contact_form(call: ToolCall) -> str:
    """Show the user a form with which they can leave a request for a person."""
    context = call.context
    card = await form_card(CONTACT, context.thread.id, context.request_context)
    await context.stream_widget(card, copy_text=CONTACT.title)
    return "The form is shown."

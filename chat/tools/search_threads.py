"""search_threads: finds what was said in the user's other conversations with this assistant."""

from __future__ import annotations

from chatkit.types import CustomSummary, CustomTask

from chat.stores import search
from chat.tools.base import ToolCall, tool
from chat.tools.registry import Command
from chat.tools.untrusted import untrusted
from chatplatform.lib.db_pool import in_tenant


@tool(command=Command("Search", "Look into your other conversations", "Search my chats for ", "search"))
async def search_threads(call: ToolCall, query: str) -> str:
    """Search the user's other conversations with you for words.

    Args:
        query: The words to look for; all of them must be there.
    """
    context = call.context
    await context.add_workflow_task(
        CustomTask(title=f"Searching for “{query[:80]}”", icon="search", status_indicator="loading")
    )
    caller = context.request_context
    found = await in_tenant(caller.tenant.id, search.find, query, context.thread.id, caller)
    done = CustomTask(title=f"Searched for “{query[:80]}”", icon="search", status_indicator="complete")
    await context.update_workflow_task(done, 0)
    await context.end_workflow(summary=CustomSummary(title=f"{len(found)} found", icon="search"))
    if not found:
        return "Nothing was found."
    return untrusted(
        "conversations", "\n".join(f"- “{hit.title}”, {hit.day}, {hit.who}: {hit.excerpt}" for hit in found)
    )

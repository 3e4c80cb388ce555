"""search_documents: finds passages in what the tenant has taught its assistants."""

from __future__ import annotations

from chatkit.types import CustomSummary, CustomTask

from chat.knowledge import search
from chat.knowledge.scope import scope_of
from chat.tools import passages
from chat.tools.base import ToolCall, tool
from chat.tools.registry import Command
from chatplatform.lib.db_pool import in_tenant


@tool(
    command=Command("Documents", "Look something up in the documents", "What do the documents say about ", "book-open")
)
async def search_documents(call: ToolCall, query: str) -> str:
    """Search the documents of the organisation you work for. Use it before you answer a question about it.

    Args:
        query: What to look for, as a question or as words.
    """
    context = call.context
    task = CustomTask(title=f"Looking up “{query[:80]}”", icon="search", status_indicator="loading")
    await context.add_workflow_task(task)
    scope = await in_tenant(
        context.request_context.tenant.id, scope_of, context.request_context, context.knowledge_sources
    )
    hits = await search.search(query, scope, reranks=context.reranks)
    await context.update_workflow_task(task.model_copy(update={"status_indicator": "complete"}), 0)
    found = f"{len(hits)} passages found" if len(hits) != 1 else "1 passage found"
    await context.end_workflow(summary=CustomSummary(title=found, icon="search"))
    return passages.shown(hits, context)

"""What an answer is made of before the model is asked: approved answers, and passages for assistants that look up each question."""

from __future__ import annotations

from typing import cast

from agents import TResponseInputItem
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    ThreadItem,
    UserMessageItem,
)

from chat.agents.cited import annotation_for
from chat.agents.config import AgentConfig
from chat.context import ChatContext
from chat.knowledge import answers, search
from chat.knowledge.scope import scope_of
from chat.stores.base import now
from chat.tools import passages
from chat.tools.agent_context import PlatformAgentContext
from chat.tools.search_documents import search_documents
from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.ids import new_id
from tenants.knowledge_options import KnowledgeOptions


def knowledge_of(config: AgentConfig) -> KnowledgeOptions:
    """How a version uses the tenant's documents."""
    return KnowledgeOptions.model_validate(config.knowledge)


async def approved(
    question: ThreadItem | None, config: AgentConfig, thread_id: str, context: ChatContext
) -> AssistantMessageItem | None:
    """The approved answer to a user's message, if the version gives such answers and there is one."""
    options = knowledge_of(config)
    uses_documents = bool(config.knowledge) or search_documents.name in config.tools
    if (
        not uses_documents
        or not options.approved_answers
        or not isinstance(question, UserMessageItem)
        or question.attachments
    ):
        return None
    found = await in_tenant(
        context.tenant.id, answers.approved_answer, text_of(question), context, tuple(options.sources)
    )
    if found is None:
        return None
    cited = annotation_for(found.passage, context, len(found.text))
    return AssistantMessageItem(
        id=new_id("message"),
        thread_id=thread_id,
        created_at=now(),
        content=[AssistantMessageContent(text=found.text, annotations=[cited])],
    )


async def looked_up(
    question: ThreadItem | None, config: AgentConfig, context: PlatformAgentContext
) -> list[TResponseInputItem]:
    """The passages that the model is shown beside a user's message; nothing, where the version does not look up each question."""
    options = knowledge_of(config)
    if not options.before_each_turn or not isinstance(question, UserMessageItem):
        return []
    scope = await in_tenant(
        context.request_context.tenant.id, scope_of, context.request_context, context.knowledge_sources
    )
    hits = await search.search(text_of(question), scope, reranks=context.reranks)
    note = passages.shown(hits, context) if hits else f"{passages.HEAD} {passages.NOTHING}"
    content = [{"type": "input_text", "text": note}]
    return [cast("TResponseInputItem", {"type": "message", "role": "user", "content": content})]


def text_of(question: UserMessageItem) -> str:
    """What a user's message says."""
    return " ".join(part.text for part in question.content).strip()

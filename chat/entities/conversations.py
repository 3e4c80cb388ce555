"""conversation: the caller's own conversations with the assistant."""

from __future__ import annotations

from typing import Any

from django.db import models

from chat.context import ChatContext
from chat.entities.kinds import EntityKind, register
from chat.models import Thread, ThreadItem

EXCERPT = 300


def _rows(context: ChatContext) -> models.QuerySet[Thread]:
    own = Thread.objects.for_tenant(context.tenant.id).filter(
        end_user_id=context.end_user.id, assistant_id=context.assistant.id
    )
    return own.exclude(title=None).order_by("-id")


def _facts(thread: Thread) -> dict[str, str]:
    facts = {"Begun": thread.created_at.date().isoformat()}
    messages = ThreadItem.objects.for_tenant(thread.tenant_id).filter(thread=thread, is_hidden=False)
    for name, kind in (("Last question", "user_message"), ("Last answer", "assistant_message")):
        newest = messages.filter(type=kind).order_by("-id").first()
        if newest is not None:
            facts[name] = _words(newest.data)
    return facts


def _words(item: dict[str, Any]) -> str:
    return " ".join("".join(part.get("text", "") for part in item["content"]).split())[:EXCERPT]


def _url(thread: Thread, _context: ChatContext) -> str:
    return f"?thread={thread.public_id}"


CONVERSATIONS = register(
    EntityKind(
        name="conversation",
        group="Conversations",
        icon="notebook",
        rows=_rows,
        search_fields=("title",),
        title=lambda thread: str(thread.title),
        facts=_facts,
        url=_url,
    )
)

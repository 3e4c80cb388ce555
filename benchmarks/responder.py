"""The platform with the scripted model; the setting `CHATKIT_SERVER` names one of these classes.

Everything but the model is the product: session, tenant, gate, limits, run, log, persistence.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    UserMessageItem,
)

from benchmarks.scripted import ScriptedModel, words
from chat.agents import build
from chat.agents.config import AgentConfig
from chat.agents.deltas import AnswerEvent, TextDelta
from chat.agents.providers.meter import Meter
from chat.server import PlatformChatKitServer
from chat.stores.base import OpenedRun, PlatformStore, now
from chatplatform.lib.ids import new_id


class ScriptedServer(PlatformChatKitServer):
    """Answers without the Agents SDK: what the platform itself costs."""

    async def answer(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        assert isinstance(opened.item, UserMessageItem)
        item = AssistantMessageItem(id=new_id("message"), thread_id=opened.thread.id, created_at=now(), content=[])
        empty = AssistantMessageContent(text="", annotations=[])
        yield ThreadItemAddedEvent(item=item)
        yield ThreadItemUpdatedEvent(
            item_id=item.id, update=AssistantMessageContentPartAdded(content_index=0, content=empty)
        )
        said = []
        async for word in words(opened.item.content[0].text):
            said.append(word)
            yield TextDelta(item.id, 0, word)
        content = AssistantMessageContent(text="".join(said), annotations=[])
        yield ThreadItemUpdatedEvent(
            item_id=item.id, update=AssistantMessageContentPartDone(content_index=0, content=content)
        )
        yield ThreadItemDoneEvent(item=item.model_copy(update={"content": [content]}))


class ScriptedAgentsServer(PlatformChatKitServer):
    """Answers through the platform's agents, whose every model is the scripted one."""

    def __init__(self, store: PlatformStore) -> None:
        super().__init__(store)
        build.model_for = _scripted_model


async def _scripted_model(config: AgentConfig, tenant_id: int, meter: Meter) -> ScriptedModel:
    return ScriptedModel()

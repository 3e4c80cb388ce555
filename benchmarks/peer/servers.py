"""The stock ChatKitServer with the scripted model: by itself, and through the Agents SDK as ChatKit's own guide shows it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from agents import Agent, RunConfig, Runner
from chatkit.agents import AgentContext, simple_to_agent_input, stream_agent_response
from chatkit.server import ChatKitServer
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)

from benchmarks.peer.store import Context
from benchmarks.scripted import ScriptedModel, words

HISTORY = 20


class ScriptedPeer(ChatKitServer[Context]):
    """Answers without the Agents SDK."""

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Context
    ) -> AsyncIterator[ThreadStreamEvent]:
        # Every server reads the history for its model.
        await self.store.load_thread_items(thread.id, None, HISTORY, "desc", context)
        item_id = self.store.generate_item_id("message", thread, context)
        item = AssistantMessageItem(id=item_id, thread_id=thread.id, created_at=datetime.now(), content=[])
        yield ThreadItemAddedEvent(item=item)
        empty = AssistantMessageContent(text="", annotations=[])
        yield ThreadItemUpdatedEvent(
            item_id=item_id, update=AssistantMessageContentPartAdded(content_index=0, content=empty)
        )
        said = []
        async for word in words(input_user_message.content[0].text if input_user_message else ""):
            said.append(word)
            yield ThreadItemUpdatedEvent(
                item_id=item_id, update=AssistantMessageContentPartTextDelta(content_index=0, delta=word)
            )
        content = AssistantMessageContent(text="".join(said), annotations=[])
        yield ThreadItemUpdatedEvent(
            item_id=item_id, update=AssistantMessageContentPartDone(content_index=0, content=content)
        )
        yield ThreadItemDoneEvent(item=item.model_copy(update={"content": [content]}))


class AgentsPeer(ChatKitServer[Context]):
    """Answers through the Agents SDK."""

    agent: Agent[AgentContext[Context]] = Agent(
        name="Peer", instructions="You are a friendly guide.", model=ScriptedModel()
    )

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Context
    ) -> AsyncIterator[ThreadStreamEvent]:
        page = await self.store.load_thread_items(thread.id, None, HISTORY, "desc", context)
        agent_context = AgentContext[Context](thread=thread, store=self.store, request_context=context)
        result = Runner.run_streamed(
            self.agent,
            await simple_to_agent_input(page.data[::-1]),
            context=agent_context,
            run_config=RunConfig(tracing_disabled=True),
        )
        async for event in stream_agent_response(agent_context, result):
            yield event

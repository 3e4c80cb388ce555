"""What the tests of the SDK's contract share: requests, and a server in this process that answers them."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
from chatkit.server import NonStreamingResult, StreamingResult
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    ThreadItemDoneEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
)

from chat.context import ChatContext
from chat.server import PlatformChatKitServer
from chat.stores.base import PlatformStore, now

Respond = Callable[[ThreadMetadata, UserMessageItem | None, ChatContext], AsyncIterator[ThreadStreamEvent]]


def says(thread: ThreadMetadata, text: str, item_id: str) -> ThreadItemDoneEvent:
    """A whole assistant message."""
    return ThreadItemDoneEvent(
        item=AssistantMessageItem(
            id=item_id, thread_id=thread.id, created_at=now(), content=[AssistantMessageContent(text=text)]
        )
    )


def message(text: str = "Hello", **fields: Any) -> dict[str, Any]:
    """ChatKit's input of a user message."""
    return {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}, **fields}


class Caller:
    """Asks a server as a browser would, by `process()`."""

    def __init__(self, server: PlatformChatKitServer, context: ChatContext) -> None:
        self.server = server
        self.context = context

    @property
    def store(self) -> PlatformStore:
        return self.server.store

    async def ask(self, kind: str, /, **params: Any) -> Any:
        """The JSON answer to a request that does not stream."""
        result = await self.server.process(orjson.dumps({"type": kind, "params": params}), self.context)
        assert isinstance(result, NonStreamingResult)
        return orjson.loads(result.json)

    async def stream(self, kind: str, /, **params: Any) -> list[dict[str, Any]]:
        """The events of a request that streams, to its end."""
        result = await self.server.process(orjson.dumps({"type": kind, "params": params}), self.context)
        assert isinstance(result, StreamingResult)
        return [frame_of(frame) async for frame in result if frame]

    async def create(self, text: str = "Hello", **fields: Any) -> tuple[str, list[dict[str, Any]]]:
        """A new thread's id, and the events of its first turn."""
        events = await self.stream("threads.create", input=message(text, **fields))
        return str(events[0]["thread"]["id"]), events

    async def say(self, thread_id: str, text: str = "And?", **fields: Any) -> list[dict[str, Any]]:
        return await self.stream("threads.add_user_message", thread_id=thread_id, input=message(text, **fields))


def frame_of(frame: bytes) -> dict[str, Any]:
    """The event in a frame."""
    return dict(orjson.loads(frame.removeprefix(b"data: ")))


def kinds(events: list[dict[str, Any]]) -> list[str]:
    """The types of events; those of items with the item's type."""
    return [f"{event['type']} {event['item']['type']}" if "item" in event else event["type"] for event in events]

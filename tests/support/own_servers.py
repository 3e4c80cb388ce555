"""ChatKit servers for `CHATKIT_SERVER`, as a company might bring them."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextvars import ContextVar
from typing import Any

import orjson
from agents.models.chatcmpl_helpers import HEADERS_OVERRIDE
from agents.models.openai_responses import _HEADERS_OVERRIDE
from chatkit.errors import CustomStreamError
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    ClientEffectEvent,
    GeneratedImage,
    GeneratedImageItem,
    GeneratedImageUpdated,
    HiddenContextItem,
    NoticeEvent,
    ProgressUpdateEvent,
    SDKHiddenContextItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    WidgetItem,
    WidgetStreamingTextValueDelta,
    Workflow,
    WorkflowItem,
)
from chatkit.widgets import DynamicWidgetRoot

from chat.agents.deltas import AnswerEvent
from chat.context import ChatContext
from chat.replies import Reply
from chat.server import PlatformChatKitServer
from chat.stores.base import OpenedRun, now
from chatplatform.lib.ids import new_id
from tests.support.documents import png

SECRET = "SENTINEL-a8f3"
_NOTE = ContextVar("note", default="nobody's")


class Broken(PlatformChatKitServer):
    """Nothing works, and its errors speak of secrets."""

    async def reply(self, request: Any, context: ChatContext) -> Reply:
        raise RuntimeError(SECRET)

    async def answer(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        if opened.history:
            raise RuntimeError(SECRET)
        yield ProgressUpdateEvent(text="never seen")


class Scripted(PlatformChatKitServer):
    """Answers a message with the events of the method that it names."""

    async def answer(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        script = orjson.loads(opened.history[-1])["content"][0]["text"]
        async for event in getattr(self, script)(opened):
            yield event

    async def answer_action(self, opened: OpenedRun, action: Any) -> AsyncGenerator[AnswerEvent, None]:
        yield ThreadItemDoneEvent(item=_says(opened, f"{action.type} {orjson.dumps(action.payload).decode()}"))

    async def hides(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        for kind in (HiddenContextItem, SDKHiddenContextItem):
            item = kind(id=new_id("message"), content=SECRET, **_place(opened))
            yield ThreadItemAddedEvent(item=item)
            yield ThreadItemDoneEvent(item=item)
            yield ThreadItemReplacedEvent(item=item)
        yield ThreadItemDoneEvent(item=_says(opened, "Nothing to see."))

    async def names(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        opened.thread.title = "Named by the agent"
        opened.thread.metadata["secret"] = SECRET
        yield ProgressUpdateEvent(text="Naming")

    async def notes_after_a_rename(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        yield ProgressUpdateEvent(text="Waiting")
        while (await self.store.load_thread(opened.thread.id, opened.context)).title != "Renamed":
            await asyncio.sleep(0.01)
        opened.thread.metadata["note"] = "mine"
        yield ProgressUpdateEvent(text="Noted")

    async def works(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        """A workflow left open by one turn is finished by the next: the same item again."""
        known = [orjson.loads(raw) for raw in opened.history if '"workflow"' in raw]
        name = known[0]["id"] if known else new_id("workflow")
        workflow = Workflow(type="custom", tasks=[], expanded=bool(known))
        yield ThreadItemDoneEvent(item=WorkflowItem(id=name, workflow=workflow, **_place(opened)))
        yield ThreadItemDoneEvent(item=_says(opened, "Done."))

    async def shows(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        """A widget that streams, until the agent breaks."""
        text = {"type": "Text", "id": "words", "value": "One", "streaming": True}
        root = DynamicWidgetRoot.model_validate({"type": "Card", "children": [text]})
        item = WidgetItem(id=new_id("message"), widget=root, **_place(opened))
        yield ThreadItemAddedEvent(item=item)
        update = WidgetStreamingTextValueDelta(component_id="words", delta=" two", done=False)
        yield ThreadItemUpdatedEvent(item_id=item.id, update=update)
        raise CustomStreamError("The kitchen is closed.", allow_retry=False)

    async def card(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        root = DynamicWidgetRoot.model_validate({"type": "Card", "children": [], "border": {"size": 1}})
        yield ThreadItemDoneEvent(item=WidgetItem(id=new_id("message"), widget=root, **_place(opened)))

    async def withdraws(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        first, second = _says(opened, "Never seen"), _says(opened, "Taken back")
        yield ThreadItemAddedEvent(item=first)
        yield ThreadItemRemovedEvent(item_id=first.id)
        yield ThreadItemDoneEvent(item=second)
        yield ThreadItemRemovedEvent(item_id=second.id)

    async def paints(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        """An image that comes into sight, as the Agents SDK emits it."""
        image = GeneratedImage(id="ig_1", url=_data_url("image/png", png()))
        item = GeneratedImageItem(id=new_id("message"), **_place(opened))
        yield ThreadItemAddedEvent(item=item)
        yield ThreadItemUpdatedEvent(item_id=item.id, update=GeneratedImageUpdated(image=image, progress=0.5))
        await asyncio.sleep(0.2)  # longer than it takes to save what is unfinished
        yield ThreadItemDoneEvent(item=item.model_copy(update={"image": image}))

    async def scribbles(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        for url in (_data_url("image/svg+xml", b"<svg/>"), _data_url("image/png", b"no image")):
            image = GeneratedImage(id="ig_1", url=url)
            yield ThreadItemDoneEvent(item=GeneratedImageItem(id=new_id("message"), image=image, **_place(opened)))

    async def remembers(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        """What it sets in its context is there at each event, and can be taken back only in that very context."""
        token = _NOTE.set("mine")
        try:
            for text in ("One", "Two"):
                await asyncio.sleep(0)
                yield ThreadItemDoneEvent(item=_says(opened, f"{text}: {_NOTE.get()}"))
        finally:
            _NOTE.reset(token)

    async def shows_headers(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        """What the Agents SDK would add to the headers of a request."""
        overrides = (HEADERS_OVERRIDE.get(), _HEADERS_OVERRIDE.get())
        yield ThreadItemDoneEvent(item=_says(opened, f"{overrides}"))

    async def signals(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        yield NoticeEvent(level="warning", message="Careful")
        yield ClientEffectEvent(name="confetti", data={"colour": None})


def _data_url(mime: str, content: bytes) -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def _place(opened: OpenedRun) -> dict[str, Any]:
    return {"thread_id": opened.thread.id, "created_at": now()}


def _says(opened: OpenedRun, text: str) -> AssistantMessageItem:
    content = [AssistantMessageContent(text=text, annotations=[])]
    return AssistantMessageItem(id=new_id("message"), content=content, **_place(opened))

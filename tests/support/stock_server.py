"""A ChatKit server that knows nothing of this platform: Starlette and `openai-chatkit` as they come.

Its ids, its naive times and its streams are the SDK's; a run has no id, and stopping is hanging up.  It serves the client's package
from where it was built.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, TypeVar

from chatkit.actions import Action
from chatkit.server import ChatKitServer, StreamingResult, stream_widget
from chatkit.store import AttachmentStore, NotFoundError, Store
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    Attachment,
    AttachmentCreateParams,
    AttachmentUploadDescriptor,
    FileAttachment,
    Page,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    UserMessageItem,
    WidgetItem,
)
from chatkit.widgets import DynamicWidgetRoot
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tests.support.environment import PROJECT

Thing = TypeVar("Thing")

PACKAGE = PROJECT / "frontend" / "dist"

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Somebody's page</title>
    <link rel="icon" href="data:,">
    <style>html, body { height: 100%; margin: 0 }</style>
    <script type="module" src="/package/client.js"></script>
    <script type="module">
      await customElements.whenDefined("openai-chatkit");
      const chat = document.querySelector("openai-chatkit");
      chat.setOptions({
        api: { url: "/chatkit", domainKey: "local", uploadStrategy: { type: "two_phase" } },
        initialThread: new URLSearchParams(location.search).get("thread"),
        history: { enabled: true, showRename: true, showDelete: true },
        threadItemActions: { feedback: true, retry: true },
        composer: { placeholder: "Message", attachments: { enabled: true } },
      });
      chat.addEventListener("chatkit.thread.change", ({ detail }) =>
        history.replaceState(null, "", detail.threadId ? `?thread=${detail.threadId}` : "/"));
    </script>
  </head>
  <body><openai-chatkit></openai-chatkit></body>
</html>"""


class Shelf(Store[str], AttachmentStore[str]):
    """Everything in the memory of the process; the context is the address of the server."""

    def __init__(self) -> None:
        self.threads: dict[str, ThreadMetadata] = {}
        self.items: dict[str, dict[str, ThreadItem]] = {}
        self.attachments: dict[str, Attachment] = {}
        self.content: dict[str, bytes] = {}

    async def load_thread(self, thread_id: str, context: str) -> ThreadMetadata:
        return _found(self.threads, thread_id).model_copy(deep=True)

    async def save_thread(self, thread: ThreadMetadata, context: str) -> None:
        self.threads[thread.id] = ThreadMetadata(**thread.model_dump(exclude={"items"}))
        self.items.setdefault(thread.id, {})

    async def load_threads(self, limit: int, after: str | None, order: str, context: str) -> Page[ThreadMetadata]:
        return _page(list(self.threads.values()), limit, after, order)

    async def delete_thread(self, thread_id: str, context: str) -> None:
        self.threads.pop(thread_id, None)
        self.items.pop(thread_id, None)

    async def load_thread_items(
        self, thread_id: str, after: str | None, limit: int, order: str, context: str
    ) -> Page[ThreadItem]:
        return _page(list(_found(self.items, thread_id).values()), limit, after, order)

    async def add_thread_item(self, thread_id: str, item: ThreadItem, context: str) -> None:
        self.items[thread_id][item.id] = item

    async def save_item(self, thread_id: str, item: ThreadItem, context: str) -> None:
        self.items[thread_id][item.id] = item

    async def load_item(self, thread_id: str, item_id: str, context: str) -> ThreadItem:
        return _found(self.items[thread_id], item_id)

    async def delete_thread_item(self, thread_id: str, item_id: str, context: str) -> None:
        self.items[thread_id].pop(item_id, None)

    async def create_attachment(self, input: AttachmentCreateParams, context: str) -> Attachment:  # noqa: A002
        name = self.generate_attachment_id(input.mime_type, context)
        descriptor = AttachmentUploadDescriptor.model_validate({"url": f"{context}upload/{name}", "method": "PUT"})
        return FileAttachment(id=name, name=input.name, mime_type=input.mime_type, upload_descriptor=descriptor)

    async def save_attachment(self, attachment: Attachment, context: str) -> None:
        self.attachments[attachment.id] = attachment

    async def load_attachment(self, attachment_id: str, context: str) -> Attachment:
        return _found(self.attachments, attachment_id)

    async def delete_attachment(self, attachment_id: str, context: str) -> None:
        self.attachments.pop(attachment_id, None)


def _found(things: dict[str, Thing], name: str) -> Thing:
    if name not in things:
        raise NotFoundError(name)
    return things[name]


def _page(things: list[Any], limit: int, after: str | None, order: str) -> Page[Any]:
    ordered = things if order == "asc" else things[::-1]
    start = next((place + 1 for place, thing in enumerate(ordered) if thing.id == after), 0)
    page = ordered[start : start + limit]
    more = len(ordered) > start + limit
    return Page(data=page, has_more=more, after=page[-1].id if more else None)


class StockServer(ChatKitServer[str]):
    """Answers with what it was told; a story is long, and a card has a button."""

    shelf: Shelf

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: str
    ) -> AsyncIterator[ThreadStreamEvent]:
        said = input_user_message.content[0].text if input_user_message else "nothing"
        if "card" in said:
            button = {"type": "Button", "label": "Book it", "onClickAction": {"type": "book", "payload": {"places": 2}}}
            card = {"type": "Card", "children": [{"type": "Text", "value": "A hut in the mountains"}, button]}
            async for event in stream_widget(thread, DynamicWidgetRoot.model_validate(card)):
                yield event
            return
        files = "".join(
            f" {one.name} has {len(self.shelf.content.get(one.id, b''))} bytes."
            for one in (input_user_message.attachments if input_user_message else [])
        )
        words = ["Once", "upon", "a", "time."] * 500 if "story" in said else f"You said: {said}.{files}".split()
        async for event in self._speak(thread, words, context):
            yield event

    async def _speak(self, thread: ThreadMetadata, words: list[str], context: str) -> AsyncIterator[ThreadStreamEvent]:
        item = AssistantMessageItem(
            id=self.store.generate_item_id("message", thread, context),
            thread_id=thread.id,
            created_at=datetime.now(),  # noqa: DTZ005 - as the SDK makes them
            content=[],
        )
        yield ThreadItemAddedEvent(item=item)
        empty = AssistantMessageContentPartAdded(
            content_index=0, content=AssistantMessageContent(text="", annotations=[])
        )
        yield ThreadItemUpdatedEvent(item_id=item.id, update=empty)
        for word in words:
            await asyncio.sleep(0.01)
            delta = AssistantMessageContentPartTextDelta(content_index=0, delta=f"{word} ")
            yield ThreadItemUpdatedEvent(item_id=item.id, update=delta)
        whole = AssistantMessageContent(text=" ".join(words), annotations=[])
        yield ThreadItemDoneEvent(item=item.model_copy(update={"content": [whole]}))

    async def action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: str
    ) -> AsyncIterator[ThreadStreamEvent]:
        assert sender is not None
        card = {"type": "Card", "children": [{"type": "Text", "value": f"Booked for {action.payload['places']}"}]}
        yield ThreadItemReplacedEvent(item=sender.model_copy(update={"widget": DynamicWidgetRoot.model_validate(card)}))
        async for event in self._speak(thread, ["Have", "a", "good", "trip."], context):
            yield event


shelf = Shelf()
server = StockServer(shelf, shelf)
server.shelf = shelf


async def chatkit(request: Request) -> Response:
    result = await server.process(await request.body(), str(request.base_url))
    if isinstance(result, StreamingResult):
        return StreamingResponse(result, media_type="text/event-stream")
    return Response(result.json, media_type="application/json")


async def upload(request: Request) -> Response:
    shelf.content[request.path_params["name"]] = await request.body()
    return Response(status_code=204)


async def page(request: Request) -> Response:
    return HTMLResponse(PAGE)


async def healthz(request: Request) -> Response:
    return PlainTextResponse("ok")


app = Starlette(
    routes=[
        Route("/", page),
        Route("/healthz", healthz),
        Route("/chatkit", chatkit, methods=["POST"]),
        Route("/upload/{name}", upload, methods=["PUT"]),
        Mount("/package", StaticFiles(directory=PACKAGE, check_dir=False)),
    ]
)

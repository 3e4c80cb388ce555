"""Servers as somebody writes them for OpenAI's SDK: they know nothing of this platform."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, ClassVar

from chatkit.actions import Action
from chatkit.server import ChatKitServer, NonStreamingResult, StreamingResult
from chatkit.store import AttachmentStore
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageItem,
    Attachment,
    AttachmentCreateParams,
    AttachmentUploadDescriptor,
    AudioInput,
    FeedbackKind,
    FileAttachment,
    ImageAttachment,
    ProgressUpdateEvent,
    StreamOptions,
    SyncCustomActionResponse,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    ThreadStreamEvent,
    TranscriptionResult,
    UserMessageItem,
    WidgetItem,
    WidgetRootUpdated,
)
from chatkit.widgets import DynamicWidgetRoot
from pydantic import AnyUrl


def said(thread: ThreadMetadata, item_id: str, text: str) -> AssistantMessageItem:
    content = [AssistantMessageContent(text=text)]
    return AssistantMessageItem(id=item_id, thread_id=thread.id, created_at=datetime.now(), content=content)  # noqa: DTZ005 - as the SDK does


def card(text: str) -> DynamicWidgetRoot:
    return DynamicWidgetRoot.model_validate({"type": "Card", "children": [{"type": "Text", "value": text}]})


class Files(AttachmentStore[Any]):
    """Files that are elsewhere."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    async def create_attachment(self, input: AttachmentCreateParams, context: Any) -> Attachment:  # noqa: A002
        values: dict[str, Any] = {
            "id": f"file-{len(self.known) + 1}.{input.name}",
            "name": input.name,
            "mime_type": input.mime_type,
            "metadata": {"bucket": "SENTINEL"},
            "upload_descriptor": AttachmentUploadDescriptor(url=AnyUrl("https://files.example/up"), method="PUT"),
        }
        self.known[values["id"]] = input.name
        if input.mime_type.startswith("image/"):
            return ImageAttachment(**values, preview_url=AnyUrl("https://files.example/preview"))
        return FileAttachment(**values)

    async def delete_attachment(self, attachment_id: str, context: Any) -> None:
        del self.known[attachment_id]


class Everything(ChatKitServer[Any]):
    """Overrides everything that the SDK lets one override, and says what was called."""

    called: ClassVar[list[str]] = []

    def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[ThreadStreamEvent]:
        self.called.append("respond")
        return self._respond(thread, input_user_message)

    async def _respond(
        self, thread: ThreadMetadata, message: UserMessageItem | None
    ) -> AsyncIterator[ThreadStreamEvent]:
        text = message.content[0].text if message is not None else ""
        if text == "wait":
            item = said(thread, f"{thread.id}-pending", "One")
            yield ThreadItemAddedEvent(item=item)
            await asyncio.sleep(60)
        if text == "widget":
            item_id = f"{thread.id}-widget"
            yield ThreadItemDoneEvent(
                item=WidgetItem(id=item_id, thread_id=thread.id, created_at=datetime.now(), widget=card("Before"))  # noqa: DTZ005
            )
        if thread.title is None:
            thread.title = f"About {text}"
        yield ThreadItemDoneEvent(item=said(thread, f"{thread.id}-{len(self.called)}", " ".join(self.called)))

    async def action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: Any
    ) -> AsyncIterator[ThreadStreamEvent]:
        self.called.append("action")
        yield ProgressUpdateEvent(text=f"{action.type} {action.payload}")
        if sender is not None:
            yield ThreadItemUpdatedEvent(item_id=sender.id, update=WidgetRootUpdated(widget=card("After")))

    async def sync_action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: Any
    ) -> SyncCustomActionResponse:
        self.called.append("sync_action")
        assert sender is not None
        return SyncCustomActionResponse(updated_item=sender.model_copy(update={"widget": card("At once")}))

    async def add_feedback(self, thread_id: str, item_ids: list[str], feedback: FeedbackKind, context: Any) -> None:
        self.called.append("add_feedback")

    async def transcribe(self, audio_input: AudioInput, context: Any) -> TranscriptionResult:
        self.called.append("transcribe")
        return TranscriptionResult(text=f"{audio_input.data!r} {audio_input.mime_type} {audio_input.media_type}")

    def get_stream_options(self, thread: ThreadMetadata, context: Any) -> StreamOptions:
        self.called.append("get_stream_options")
        return StreamOptions(allow_cancel=False)

    async def handle_stream_cancelled(
        self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: Any
    ) -> None:
        self.called.append("handle_stream_cancelled")

    async def process(self, request: str | bytes | bytearray, context: Any) -> StreamingResult | NonStreamingResult:
        self.called.append("process")
        return await super().process(request, context)


class Minimal(ChatKitServer[Any]):
    """Only what the SDK asks for."""

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: Any
    ) -> AsyncIterator[ThreadStreamEvent]:
        text = input_user_message.content[0].text if input_user_message is not None else "nothing"
        item_id = self.store.generate_item_id("message", thread, context)
        yield ThreadItemDoneEvent(item=said(thread, item_id, f"You said {text}."))

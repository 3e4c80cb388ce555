"""PlatformChatKitServer: ChatKit's server over our store and our runs.

Parses a request once, opens a run for a streaming one, answers the others from the store's JSON.  Companies that need an agent of
their own subclass it, override `answer()` and name the class in the setting `CHATKIT_SERVER`.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson
from chatkit.actions import Action
from chatkit.server import ChatKitServer, NonStreamingResult, StreamingResult
from chatkit.types import (
    Attachment,
    AttachmentsCreateReq,
    AttachmentsDeleteReq,
    AudioInput,
    ChatKitReq,
    InferenceOptions,
    InputTranscribeReq,
    ItemsFeedbackReq,
    ItemsListReq,
    NoticeEvent,
    StreamingReq,
    StreamOptions,
    StreamOptionsEvent,
    SyncCustomActionResponse,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadMetadata,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsDeleteReq,
    ThreadsGetByIdReq,
    ThreadsListReq,
    ThreadsRetryAfterItemReq,
    ThreadsSyncCustomActionReq,
    ThreadStreamEvent,
    ThreadsUpdateReq,
    TranscriptionResult,
    UserMessageInput,
    UserMessageItem,
    UserMessageTagContent,
    WidgetItem,
    is_streaming_req,
)
from django.conf import settings
from django.utils.module_loading import import_string
from pydantic import TypeAdapter, ValidationError

from chat import entities
from chat.actions import ActionCall, Handler, handler_of
from chat.agents import build
from chat.agents.config import load_config
from chat.agents.deltas import AnswerEvent, TextDelta
from chat.agents.filters.objects import WAITING
from chat.agents.guarded_answers import filtered_item, with_output_rules
from chat.agents.options import check_options
from chat.agents.titles import title_of
from chat.agents.transcription import audio_of, transcribe
from chat.attachment_rules import AttachmentRules, rules_of
from chat.client_options import client_options
from chat.context import ChatContext
from chat.runs.frames import event_frame, frame
from chat.runs.live import LiveRun
from chat.runs.registry import registry
from chat.stores import codec
from chat.stores.attachment_links import Reader
from chat.stores.attachments import PlatformAttachmentStore, files_of_message, refreshed, remove_files, wire
from chat.stores.base import OpenedRun, Opening, PlatformStore, changes_between, clamp, now
from chat.stores.budget import check_plan
from chat.stores.django import DjangoStore
from chat.stores.trace import Trace, wants_trace
from chat.thread_state import require_unlocked, state_of
from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id

#: Values in a request's body, counted by its commas and opening brackets: the largest body can hold a million, which take seconds
#: to read.  A message of the largest size has fewer, whatever its characters are.
MAX_VALUES = 50_000

# Built once: the SDK builds it for every request, which takes milliseconds.
_REQUEST: TypeAdapter[ChatKitReq] = TypeAdapter(ChatKitReq)


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer; ``run_id`` names the answer that is being written in the thread it shows."""

    body: bytes
    run_id: str | None = None


class PlatformChatKitServer(ChatKitServer[ChatContext]):
    """One instance serves all tenants: everything about a caller is in the context."""

    store: PlatformStore

    def __init__(self, store: PlatformStore) -> None:
        self.files = PlatformAttachmentStore()
        super().__init__(store, self.files)

    # ---- what a subclass may override

    def answer(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        """The events of the answer to what opened the run: a message, a tool result, a retry."""
        return build.answer(opened, self.store)

    def answer_action(self, opened: OpenedRun, action: Action[str, Any]) -> AsyncGenerator[AnswerEvent, None]:
        """The events of the answer to a widget's action; ``opened.item`` is the widget, or None when the page sent it.

        Raises:
            PlatformError: as `chat.actions.handler_of`, before the first event.
        """
        sender = opened.item if isinstance(opened.item, WidgetItem) else None
        handler = handler_of(action, sender, streaming=True)
        call = ActionCall(action.type, action.payload or {}, sender, opened.thread, self.store, opened.context)
        return self._act(handler, call, opened)

    async def sync_action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: ChatContext
    ) -> SyncCustomActionResponse:
        """The widget after an action that does not stream.  What it returns, and changes of ``thread``, are stored.

        Raises:
            PlatformError: as `chat.actions.handler_of`.
        """
        handler = handler_of(action, sender, streaming=False)
        call = ActionCall(action.type, action.payload or {}, sender, thread, self.store, context)
        outcome = await handler(call)
        if (note := outcome.note_for(call)) is not None:
            await self.store.add_thread_item(thread.id, note, context)
        return SyncCustomActionResponse(updated_item=outcome.sender_after(call))

    async def check_inference_options(self, options: InferenceOptions, context: ChatContext) -> None:
        """Refuse a tool or a model that the assistant does not offer.

        Raises:
            PlatformError: ``unknown_tool``, ``unknown_model``, ``assistant_unavailable``.
        """
        check_options(options, await load_config(context.assistant.version_id, context.tenant.id))

    async def transcribe(self, audio_input: AudioInput, context: ChatContext) -> TranscriptionResult:
        """What was said in a recording; raises as `chat.agents.transcription.transcribe`, and what `check_plan` does."""
        await in_tenant(context.tenant.id, check_plan, context.tenant.id)
        config = await load_config(context.assistant.version_id, context.tenant.id)
        return TranscriptionResult(text=await transcribe(audio_input, config, context))

    # ---- what the platform calls

    def parse(self, body: bytes) -> ChatKitReq:
        """The request in a body.

        Raises:
            PlatformError: ``invalid_json``, ``unknown_operation``, ``invalid_request``, ``too_large``.
        """
        if sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES:
            raise PlatformError("too_large")
        try:
            return _REQUEST.validate_json(body)
        except ValidationError as error:
            # Each of them costs as much as a request; those that say more than that something is wrong stand alone.
            if error.error_count() > 1:
                raise PlatformError("invalid_request") from None
            problems = error.errors(include_url=False, include_context=False, include_input=False)
            # Problems of the whole body; those of a part of it have a place.
            kinds = {problem["type"] for problem in problems if not problem["loc"]}
            if "json_invalid" in kinds:
                raise PlatformError("invalid_json") from None
            if kinds & {"union_tag_invalid", "union_tag_not_found"}:
                raise PlatformError("unknown_operation") from None
            raise PlatformError("invalid_request") from None

    async def start(self, request: StreamingReq, context: ChatContext) -> LiveRun:
        """Make the change that a streaming request asks for, and begin to produce its answer.

        Raises:
            NotFoundError, PlatformError: as `PlatformStore.open_run`, or ``shutting_down``; nothing was changed then.
        """
        runs = registry()
        await self._prepare_message(request, context)
        opening = await self._opening(request, context, await runs.owner())
        opened = await self.store.open_run(opening, context)
        if wants_trace():
            opened.trace = Trace.of(context)
        head = [
            frame({"type": "thread.created", "thread": codec.dump_thread(opened.thread)}) if opening.creates else None,
            event_frame(ThreadItemDoneEvent(item=opening.adds)) if opening.adds else None,
            event_frame(ThreadItemReplacedEvent(item=opened.item)) if opening.answers and opened.item else None,
            event_frame(StreamOptionsEvent(stream_options=self.get_stream_options(opened.thread, context))),
        ]
        try:
            if isinstance(request, ThreadsCustomActionReq):
                answer = self.answer_action(opened, request.params.action)
            else:
                answer = self._answer_or_silence(opened)
            answer = await with_output_rules(answer, opened)
        except Exception as error:
            code = error.code if isinstance(error, PlatformError) else "internal"
            await self.store.close_run(opened, "failed", code)  # nobody else would give the thread's lock back
            raise
        return runs.start(opened, [ready for ready in head if ready], answer, self.store)

    async def reply(self, request: Any, context: ChatContext) -> Reply:
        """Answer a request that does not stream.

        Raises:
            NotFoundError: a named thing is unknown or foreign.
            PlatformError: ``not_supported``.
        """
        match request:
            case ThreadsGetByIdReq():
                full = await self.store.load_full_thread(request.params.thread_id, clamp(None), context)
                full.items.data = [refreshed(raw, Reader.of(context)) for raw in full.items.data]
                thread = codec.dump_thread(full.thread)
                del thread["items"]
                return Reply(orjson.dumps(thread)[:-1] + b',"items":' + full.items.to_json() + b"}", full.run_id)
            case ThreadsListReq(params=params):
                threads = await self.store.thread_page(clamp(params.limit), params.after, params.order, context)
                return Reply(threads.to_json())
            case ItemsListReq(params=params):
                items = await self.store.raw_items(
                    params.thread_id, params.after, clamp(params.limit), params.order, context, include_hidden=False
                )
                items.data = [refreshed(raw, Reader.of(context)) for raw in items.data]
                return Reply(items.to_json())
            case ItemsFeedbackReq(params=params):
                await self.store.add_feedback(params.thread_id, params.item_ids, params.kind, context)
                return Reply(b"{}")
            case ThreadsUpdateReq(params=params):
                renamed = await self.store.change_thread(params.thread_id, {"title": params.title.strip()}, context)
                return Reply(orjson.dumps(codec.dump_thread(renamed)))
            case ThreadsDeleteReq(params=params):
                kept = await self.store.attachments_of(params.thread_id, context)
                await self.store.delete_thread(params.thread_id, context)
                registry().cancel_thread(params.thread_id)
                await remove_files(kept, context)
                return Reply(b"{}")
            case AttachmentsCreateReq(params=params):
                name, mime = (await self.attachment_rules(context)).check(params.name, params.size, params.mime_type)
                announced = params.model_copy(update={"name": name, "mime_type": mime})
                return Reply(
                    orjson.dumps(wire(await self.files.create_attachment(announced, context), Reader.of(context)))
                )
            case InputTranscribeReq(params=params):
                return Reply(orjson.dumps(codec.dump(await self.transcribe(audio_of(params), context))))
            case AttachmentsDeleteReq(params=params):
                await self.files.delete_attachment(params.attachment_id, context)
                return Reply(b"{}")
            case ThreadsSyncCustomActionReq():
                return Reply(await self._sync_action(request, context))
            case _:
                raise PlatformError("not_supported")

    async def attachment_rules(self, context: ChatContext) -> AttachmentRules:
        """Which files the caller's assistant takes.

        Raises:
            PlatformError: ``assistant_unavailable``.
        """
        config = await load_config(context.assistant.version_id, context.tenant.id)
        return rules_of(client_options(config.client_options))

    # ---- ChatKit's interface, for code that holds a plain ChatKitServer

    async def process(
        self, request: str | bytes | bytearray, context: ChatContext
    ) -> StreamingResult | NonStreamingResult:
        parsed = self.parse(request.encode() if isinstance(request, str) else bytes(request))
        if is_streaming_req(parsed):
            run = await self.start(parsed, context)
            return StreamingResult(self._frames(run))
        return NonStreamingResult((await self.reply(parsed, context)).body)

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: ChatContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """The answer without a run: no lock, no log.  `start()` does not come by here; it knows the history already."""
        page = await self.store.raw_items(
            thread.id, None, settings.CHAT_HISTORY_ITEMS, "desc", context, include_hidden=True
        )
        opened = OpenedRun("", thread, context, page.data[::-1], input_user_message)
        async for event in await with_output_rules(self.answer(opened), opened):
            yield event.to_chatkit() if isinstance(event, TextDelta) else event

    def get_stream_options(self, thread: ThreadMetadata, context: ChatContext) -> StreamOptions:
        return StreamOptions(allow_cancel=True)

    async def _frames(self, run: LiveRun) -> AsyncGenerator[bytes, None]:
        async for batch in run.log.follow(heartbeat=settings.CHAT_HEARTBEAT_SECONDS):
            for ready in batch:
                yield ready

    # ---- actions

    async def _act(self, handler: Handler, call: ActionCall, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        """What a streamed action shows, and what the assistant says to it."""
        outcome = await handler(call)
        for event in outcome.events:
            yield event
        if (sender := outcome.sender_after(call)) is not None:
            if outcome.is_users_own:
                opened.exempt.add(sender.id)
            yield ThreadItemReplacedEvent(item=sender)
            opened.put(sender)
        if (note := outcome.note_for(call)) is not None:
            yield ThreadItemDoneEvent(item=note)
            opened.put(note)
        if outcome.speaks:
            async for spoken in self._answer_or_silence(opened):
                yield spoken

    async def _sync_action(self, request: ThreadsSyncCustomActionReq, context: ChatContext) -> bytes:
        thread = await self.store.load_thread(request.params.thread_id, context)
        require_unlocked(thread)
        name = request.params.item_id
        sender = None if name is None else await self.store.load_item(thread.id, name, context)
        if not isinstance(sender, WidgetItem | None):
            raise PlatformError("not_a_widget")
        before = thread.model_copy(deep=True)
        response = await self.sync_action(thread, request.params.action, sender, context)
        updated = await filtered_item(response.updated_item, before, thread, context)
        if changes := changes_between(before, thread):
            await self.store.change_thread(thread.id, changes, context)
        if updated is None or codec.is_hidden(updated):
            return b"{}"
        await self.store.save_item(thread.id, updated, context)
        return orjson.dumps({"updated_item": codec.dump_item(updated)})

    # ---- answers

    def _answer_or_silence(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        """The assistant's answer, unless a person is to answer."""
        return self._silence() if state_of(opened.thread) == "waiting" else self.answer(opened)

    async def _silence(self) -> AsyncGenerator[AnswerEvent, None]:
        yield NoticeEvent(level="info", message=WAITING)

    # ---- openings

    async def _prepare_message(self, request: StreamingReq, context: ChatContext) -> None:
        """Refuse what a message may not choose or mention, before anything is changed.

        What it mentions of ours gets its own title and facts in the place of those that the browser sent.
        """
        if not isinstance(request, ThreadsCreateReq | ThreadsAddUserMessageReq):
            return
        options = request.params.input.inference_options
        if options.tool_choice is not None or options.model is not None:
            await self.check_inference_options(options, context)
        tags = [part for part in request.params.input.content if isinstance(part, UserMessageTagContent)]
        if tags:
            await in_tenant(context.tenant.id, entities.resolve, tags, context)

    async def _opening(self, request: StreamingReq, context: ChatContext, owner: str) -> Opening:
        opening = functools.partial(Opening, run_id=new_id("run"), operation=request.type, owner=owner)
        match request:
            case ThreadsCreateReq(params=params):
                thread = ThreadMetadata(
                    id=self.store.generate_thread_id(context), created_at=now(), title=title_of(params.input.content)
                )
                adds = await self._message(params.input, thread.id, context)
                return opening(thread_id=thread.id, creates=thread, adds=adds)
            case ThreadsAddUserMessageReq(params=params):
                adds = await self._message(params.input, params.thread_id, context)
                return opening(thread_id=params.thread_id, adds=adds)
            case ThreadsAddClientToolOutputReq(params=params):
                return opening(thread_id=params.thread_id, tool_result=params.result)
            case ThreadsRetryAfterItemReq(params=params):
                return opening(thread_id=params.thread_id, retries=params.item_id)
            case ThreadsAddStructuredInputReq(params=params):
                return opening(thread_id=params.thread_id, answers=(params.item_id, params.input))
            case ThreadsCustomActionReq(params=params):
                return opening(thread_id=params.thread_id, sender=params.item_id)
            case _:
                raise PlatformError("not_supported")

    async def _message(self, given: UserMessageInput, thread_id: str, context: ChatContext) -> UserMessageItem:
        files: list[Attachment] = []
        if given.attachments:
            rules = await self.attachment_rules(context)
            files = await files_of_message(given.attachments, rules, self.store, context)
        return UserMessageItem(
            id=new_id("message"),
            thread_id=thread_id,
            created_at=now(),
            content=given.content,
            attachments=files,
            quoted_text=given.quoted_text,
            inference_options=given.inference_options,
        )


@functools.cache
def server() -> PlatformChatKitServer:
    """The server of this process, of the class that `CHATKIT_SERVER` names."""
    kind: type[PlatformChatKitServer] = import_string(settings.CHATKIT_SERVER)
    return kind(DjangoStore())

"""PlatformChatKitServer: ChatKit's server over our store and our runs.

Parses a request once, opens a run for a streaming one, answers the others from the store's JSON.  Companies that need an agent of
their own subclass it, override `answer()` and name the class in the setting `CHATKIT_SERVER`.  A server written for the SDK, which
overrides `respond()` and other methods of `ChatKitServer`, is named there just as well: `chat.sdk_servers`.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import orjson
from chatkit.actions import Action
from chatkit.server import ChatKitServer, NonStreamingResult, StreamingResult
from chatkit.store import AttachmentStore
from chatkit.types import (
    AttachmentsCreateReq,
    AttachmentsDeleteReq,
    AudioInput,
    ChatKitReq,
    FeedbackKind,
    InferenceOptions,
    InputTranscribeReq,
    ItemsFeedbackReq,
    ItemsListReq,
    NoticeEvent,
    StreamingReq,
    StreamOptions,
    StreamOptionsEvent,
    SyncCustomActionResponse,
    ThreadItem,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadMetadata,
    ThreadsCustomActionReq,
    ThreadsDeleteReq,
    ThreadsGetByIdReq,
    ThreadsListReq,
    ThreadsSyncCustomActionReq,
    ThreadStreamEvent,
    ThreadsUpdateReq,
    TranscriptionResult,
    UserMessageInput,
    UserMessageItem,
    WidgetItem,
    is_streaming_req,
)
from django.conf import settings
from django.utils.module_loading import import_string

from chat import attachment_operations, openings, sdk_servers
from chat.actions import ActionCall, Handler, handler_of
from chat.agents import build
from chat.agents.config import load_config
from chat.agents.deltas import AnswerEvent, TextDelta
from chat.agents.filters.objects import WAITING
from chat.agents.guarded_answers import filtered_item, image_domains, thread_json, with_output_rules
from chat.agents.options import check_options
from chat.agents.titles import title_of
from chat.agents.transcription import audio_of, transcribe
from chat.attachment_rules import AttachmentRules, rules_of
from chat.client_options import client_options
from chat.context import ChatContext
from chat.replies import Reply, RunResult
from chat.requests import request_of
from chat.runs.cancellation import current_cancellation
from chat.runs.frames import event_frame, frame
from chat.runs.live import LiveRun
from chat.runs.registry import registry
from chat.stores import codec
from chat.stores.attachment_links import Reader
from chat.stores.attachments import PlatformAttachmentStore, refreshed, wire
from chat.stores.base import OpenedRun, Opening, PlatformStore, changes_between, clamp
from chat.stores.budget import check_plan
from chat.stores.django import DjangoStore
from chat.stores.trace import Trace, wants_trace
from chat.thread_state import require_unlocked, state_of
from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.errors import PlatformError


class PlatformChatKitServer(ChatKitServer[ChatContext]):
    """One instance serves all tenants: everything about a caller is in the context."""

    store: PlatformStore

    attachment_store: AttachmentStore[ChatContext]

    def __init__(self, store: PlatformStore, attachment_store: AttachmentStore[ChatContext] | None = None) -> None:
        super().__init__(sdk_servers.require_platform_store(self, store), attachment_store or PlatformAttachmentStore())

    # ---- what a subclass may override

    def answer(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        """The events of the answer to what opened the run: a message, a tool result, a retry.

        Those of `respond()`, where a subclass has its own.
        """
        if self.has_own("respond"):
            asked = opened.item if isinstance(opened.item, UserMessageItem) else None
            return sdk_servers.events_of(opened, lambda: self.respond(opened.thread, asked, opened.context))
        return build.answer(opened, self.store)

    def answer_action(self, opened: OpenedRun, action: Action[str, Any]) -> AsyncGenerator[AnswerEvent, None]:
        """The events of the answer to a widget's action; ``opened.item`` is the widget, or None when the page sent it.

        Those of `action()`, where a subclass has its own.

        Raises:
            PlatformError: as `chat.actions.handler_of`, before the first event.
        """
        if self.has_own("action"):
            widget = opened.item if isinstance(opened.item, WidgetItem) else None
            return sdk_servers.events_of(opened, lambda: self.action(opened.thread, action, widget, opened.context))
        return self._registered_action(opened, action)

    def _registered_action(self, opened: OpenedRun, action: Action[str, Any]) -> AsyncGenerator[AnswerEvent, None]:
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
        """Refuse a tool or a model that the assistant does not offer.  A subclass with its own `respond()` offers its own.

        Raises:
            PlatformError: ``unknown_tool``, ``unknown_model``, ``assistant_unavailable``.
        """
        if self.has_own("respond"):
            return
        check_options(options, await load_config(context.assistant.version_id, context.tenant.id))

    def title_of_new_thread(self, given: UserMessageInput) -> str | None:
        """What a thread is called at first.  A subclass with its own `respond()` names its threads itself, as under the SDK."""
        return None if self.has_own("respond") else title_of(given.content)

    async def add_feedback(
        self, thread_id: str, item_ids: list[str], feedback: FeedbackKind, context: ChatContext
    ) -> None:
        """Keep what the caller thinks of items.  Before an override is called, the platform has kept it already.

        Raises:
            NotFoundError: one of the items is unknown, hidden or foreign.
        """
        await self.store.add_feedback(thread_id, item_ids, feedback, context)

    async def handle_stream_cancelled(
        self, thread: ThreadMetadata, pending_items: list[ThreadItem], context: ChatContext
    ) -> None:
        """Keep what was written until the answer was cancelled, marked, and tell the model of it.

        An override that stores other items, or none, decides what is left; these are kept by calling this with them.
        """
        cancellation = current_cancellation()
        if cancellation is None:
            await super().handle_stream_cancelled(thread, pending_items, context)
        else:
            cancellation.keep(pending_items)

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
        return request_of(body)

    async def start(self, request: StreamingReq, context: ChatContext) -> LiveRun:
        """Make the change that a streaming request asks for, and begin to produce its answer.

        Raises:
            NotFoundError, PlatformError: as `PlatformStore.open_run`, or ``shutting_down``; nothing was changed then.
        """
        runs = registry()
        await openings.prepare_message(self, request, context)
        opening = await openings.opening_of(self, request, context, await runs.owner())
        opened = await self.store.open_run(opening, context)
        if wants_trace():
            opened.trace = Trace.of(context)
        try:
            return await self._begin(request, opening, opened)
        except Exception as error:
            code = error.code if isinstance(error, PlatformError) else "internal"
            await self.store.close_run(opened, "failed", code)  # nobody else would give the thread's lock back
            raise

    async def _begin(self, request: StreamingReq, opening: Opening, opened: OpenedRun) -> LiveRun:
        opened.image_domains = await image_domains(opened.context)
        head = [
            frame({"type": "thread.created", "thread": opened.thread_json(opened.thread)}) if opening.creates else None,
            event_frame(ThreadItemDoneEvent(item=opening.adds)) if opening.adds else None,
            event_frame(ThreadItemReplacedEvent(item=opened.item)) if opening.answers and opened.item else None,
            event_frame(StreamOptionsEvent(stream_options=self.get_stream_options(opened.thread, opened.context))),
        ]
        if isinstance(request, ThreadsCustomActionReq):
            answer = self.answer_action(opened, request.params.action)
        else:
            answer = self._answer_or_silence(opened)
        answer = await with_output_rules(answer, opened)
        on_cancel = self.handle_stream_cancelled if self.has_own("handle_stream_cancelled") else None
        shown = [ready for ready in head if ready]
        return registry().start(opened, shown, answer, self.store, on_cancel=on_cancel)

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
                thread = await thread_json(full.thread, context)
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
                if self.has_own("add_feedback"):  # Which need not check whose items these are.
                    await self.store.add_feedback(params.thread_id, params.item_ids, params.kind, context)
                await self.add_feedback(params.thread_id, params.item_ids, params.kind, context)
                return Reply(b"{}")
            case ThreadsUpdateReq(params=params):
                renamed = await self.store.change_thread(params.thread_id, {"title": params.title.strip()}, context)
                return Reply(orjson.dumps(await thread_json(renamed, context)))
            case ThreadsDeleteReq(params=params):
                kept = await self.store.attachments_of(params.thread_id, context)
                await self.store.delete_thread(params.thread_id, context)
                registry().cancel_thread(params.thread_id)
                await attachment_operations.forget(self.attachment_store, kept, context)
                return Reply(b"{}")
            case AttachmentsCreateReq(params=params):
                name, mime = (await self.attachment_rules(context)).check(params.name, params.size, params.mime_type)
                announced = params.model_copy(update={"name": name, "mime_type": mime})
                made = await attachment_operations.announce(self.attachment_store, self.store, announced, context)
                return Reply(orjson.dumps(wire(made, Reader.of(context))))
            case InputTranscribeReq(params=params):
                return Reply(orjson.dumps(codec.dump(await self.transcribe(audio_of(params), context))))
            case AttachmentsDeleteReq(params=params):
                await attachment_operations.delete(self.attachment_store, self.store, params.attachment_id, context)
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
            return RunResult(self._frames(run), run)
        return NonStreamingResult((await self.reply(parsed, context)).body)

    async def respond(
        self, thread: ThreadMetadata, input_user_message: UserMessageItem | None, context: ChatContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """The platform's answer, for an override that calls it; for a plain caller without a run: no lock, no log."""
        page = await self.store.raw_items(
            thread.id, None, settings.CHAT_HISTORY_ITEMS, "desc", context, include_hidden=True
        )
        run = sdk_servers.current_run(thread)
        opened = run or OpenedRun("", thread, context, [], input_user_message)
        opened.history = page.data[::-1]
        has_own = self.has_own("answer") and not self.has_own("respond")
        events = self.answer(opened) if has_own else build.answer(opened, self.store)
        # What a run shows passes the output rules anyway.
        async for event in events if run is not None else await with_output_rules(events, opened):
            yield event.to_chatkit() if isinstance(event, TextDelta) else event

    async def action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: ChatContext
    ) -> AsyncIterator[ThreadStreamEvent]:
        """What the registered handlers answer, for an override that calls it."""
        opened = sdk_servers.current_run(thread) or OpenedRun("", thread, context, [], sender)
        async for event in self._registered_action(opened, action):
            yield event.to_chatkit() if isinstance(event, TextDelta) else event

    def has_own(self, name: str) -> bool:
        """Whether a subclass has a method of its own in the place of this class's."""
        return sdk_servers.is_overridden(self, name, PlatformChatKitServer)

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


@functools.cache
def server() -> PlatformChatKitServer:
    """The server of this process, of the class that `CHATKIT_SERVER` names.

    Raises:
        ImproperlyConfigured: that class is none, or cannot be made.
    """
    kind = sdk_servers.with_platform(import_string(settings.CHATKIT_SERVER), PlatformChatKitServer)
    made: PlatformChatKitServer = sdk_servers.construct(kind, DjangoStore(), PlatformAttachmentStore())
    return made

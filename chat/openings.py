"""What a streaming request asks for, before its run is opened: nothing is changed here."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from chatkit.types import (
    Attachment,
    StreamingReq,
    ThreadMetadata,
    ThreadsAddClientToolOutputReq,
    ThreadsAddStructuredInputReq,
    ThreadsAddUserMessageReq,
    ThreadsCreateReq,
    ThreadsCustomActionReq,
    ThreadsRetryAfterItemReq,
    UserMessageInput,
    UserMessageItem,
    UserMessageTagContent,
)

from chat import entities, sdk_servers
from chat.context import ChatContext
from chat.runs.registry import registry
from chat.stores.attachments import files_of_message
from chat.stores.base import Opening, PlatformStore, now
from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id

if TYPE_CHECKING:
    from chat.server import PlatformChatKitServer


async def prepare_message(server: PlatformChatKitServer, request: StreamingReq, context: ChatContext) -> None:
    """Refuse what a message may not choose or mention, before anything is changed.

    What it mentions of ours gets its own title and facts in the place of those that the browser sent.
    """
    if not isinstance(request, ThreadsCreateReq | ThreadsAddUserMessageReq):
        return
    options = request.params.input.inference_options
    if options.tool_choice is not None or options.model is not None:
        await server.check_inference_options(options, context)
    tags = [part for part in request.params.input.content if isinstance(part, UserMessageTagContent)]
    if tags:
        await in_tenant(context.tenant.id, entities.resolve, tags, context)


async def opening_of(server: PlatformChatKitServer, request: StreamingReq, context: ChatContext, owner: str) -> Opening:
    """What the request changes when its run is opened by ``owner``.

    Raises:
        NotFoundError, PlatformError: as `files_of_message`, or ``not_supported``.
    """
    opening = functools.partial(Opening, new_id("run"), request.type, owner, answering=registry().watch.answering)
    match request:
        case ThreadsCreateReq(params=params):
            thread = ThreadMetadata(
                id=server.store.generate_thread_id(context),
                created_at=now(),
                title=server.title_of_new_thread(params.input),
            )
            adds = await _message(server, params.input, thread.id, context, thread)
            return opening(thread_id=thread.id, creates=thread, adds=adds)
        case ThreadsAddUserMessageReq(params=params):
            adds = await _message(server, params.input, params.thread_id, context)
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


async def _message(
    server: PlatformChatKitServer,
    given: UserMessageInput,
    thread_id: str,
    context: ChatContext,
    thread: ThreadMetadata | None = None,
) -> UserMessageItem:
    files: list[Attachment] = []
    if given.attachments:
        rules = await server.attachment_rules(context)
        found = await files_of_message(given.attachments, rules, server.store, context)
        files = [attachment.model_copy(update={"thread_id": thread_id}) for attachment in found]
    if not sdk_servers.is_overridden(server.store, "generate_item_id", PlatformStore):
        item_id = new_id("message")
    else:  # It is told the thread, which nothing else here has to know yet.
        known = thread or await server.store.load_thread(thread_id, context)
        item_id = server.store.generate_item_id("message", known, context)
    return UserMessageItem(
        id=item_id,
        thread_id=thread_id,
        created_at=now(),
        content=given.content,
        attachments=files,
        quoted_text=given.quoted_text,
        inference_options=given.inference_options,
    )

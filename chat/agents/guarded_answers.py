"""Answers under the output rules of the assistant's version, whoever makes them: an agent, an action, an own server class."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import urlsplit

from agents import Model
from chatkit.errors import CustomStreamError
from chatkit.types import (
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ThreadItem,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    WidgetStreamingTextValueDelta,
)

from chat.agents.config import load_config
from chat.agents.deltas import AnswerEvent, TextDelta
from chat.agents.filters.blocklist import Blocked
from chat.agents.guardrails import Guardrails, allows, guardrails_of
from chat.agents.output_rules import OutputRules
from chat.context import ChatContext
from chat.stores import codec
from chat.stores.base import OpenedRun
from chatplatform.lib.errors import PlatformError

logger = logging.getLogger(__name__)
#: Characters of a delta that are filtered on the event loop, in less than 10 ms whatever they are.
MAX_INLINE_CHARS = 2_000


async def with_output_rules(
    answer: AsyncGenerator[AnswerEvent, None], opened: OpenedRun
) -> AsyncGenerator[AnswerEvent, None]:
    """The answer under the rules; the same generator where there are none, so that its deltas cost nothing more."""
    try:
        guards = await _output_guards(opened.context)
    except PlatformError as error:
        await answer.aclose()
        return _failing(error)
    if guards is None:
        return answer
    opened.clean_thread = OutputRules(guards, opened.context.origin).clean_thread
    return guarded(answer, guards, opened)


async def filtered_item(
    item: ThreadItem | None, before: ThreadMetadata, thread: ThreadMetadata, context: ChatContext
) -> ThreadItem | None:
    """What an action that does not stream shows, as it may be seen; None when it may not.

    Filters what the action changed in the thread, too.

    Raises:
        PlatformError: as `guardrails_of` and `load_config`.
    """
    guards = await _output_guards(context)
    if guards is None:
        return item
    rules = OutputRules(guards, context.origin)
    rules.clean_thread(before, thread)
    try:
        return item and await asyncio.to_thread(rules.item, item)
    except Blocked as blocked:
        logger.info("a widget was left out: %s", blocked.rule)
        return None


async def image_domains(context: ChatContext) -> list[str]:
    """From where images load by themselves in a thread that names no domains: this server, and the hosts that the rules allow.

    OpenAI's client loads those of every host where a thread names none.
    """
    own = urlsplit(context.origin).hostname
    try:
        guards = await _guards(context)  # not those of an answer: a thread is also read where no event loop runs
    except PlatformError:
        guards = None  # nothing answers here; what was said can be read
    return [*([own] if own else []), *(guards.options.output.hosts or [] if guards is not None else [])]


async def thread_json(thread: ThreadMetadata, context: ChatContext) -> dict[str, Any]:
    """A thread as browsers get it."""
    return {"allowed_image_domains": await image_domains(context), **codec.dump_thread(thread)}


async def _guards(context: ChatContext) -> Guardrails | None:
    if context.assistant.version_id is None:
        return None  # only servers of a company's own answer without a version
    guards = guardrails_of(await load_config(context.assistant.version_id, context.tenant.id))
    return guards if guards is not None and guards.checks_output else None


async def _output_guards(context: ChatContext) -> Guardrails | None:
    guards = await _guards(context)
    if guards is None:
        return None
    await asyncio.to_thread(guards.prepare)  # an action, or an own server, comes by no other place
    return guards


async def _failing(error: PlatformError) -> AsyncGenerator[AnswerEvent, None]:
    raise error
    yield  # makes it a generator


async def judged(
    events: AsyncGenerator[AnswerEvent, None], policy: str, model: Model
) -> AsyncGenerator[AnswerEvent, None]:
    """The same events.

    Raises:
        Blocked: a model says that a message does not keep to the policy.
    """
    try:
        async for event in events:
            yield event
            if isinstance(event, ThreadItemDoneEvent) and isinstance(event.item, AssistantMessageItem):
                text = "".join(part.text for part in event.item.content)
                if text.strip() and not await allows(model, policy, text):
                    raise Blocked("policy")
    finally:
        await events.aclose()


def _is_short(event: AnswerEvent) -> bool:
    """Whether an event is filtered on the event loop: a few words of text.  Widgets may take a second, in a thread."""
    match event:
        case TextDelta():
            return len(event.delta) <= MAX_INLINE_CHARS
        case ThreadItemUpdatedEvent(
            update=AssistantMessageContentPartTextDelta() | WidgetStreamingTextValueDelta() as update
        ):
            return len(update.delta) <= MAX_INLINE_CHARS
        case _:
            return False


async def guarded(
    events: AsyncGenerator[AnswerEvent, None], guards: Guardrails, opened: OpenedRun
) -> AsyncGenerator[AnswerEvent, None]:
    """The events of an answer as they may be seen.  Ends early, with the refusal in its place, when it may not be given."""
    flow = OutputRules(guards, opened.context.origin, opened.exempt)
    try:
        async for event in events:
            for shown in flow.take(event) if _is_short(event) else await asyncio.to_thread(flow.take, event):
                yield shown
            if flow.is_full:
                return
    except Blocked as blocked:
        logger.info("an answer was replaced: %s", blocked.rule)
        item = guards.refusal(opened.thread.id, flow.item_id)
        yield ThreadItemReplacedEvent(item=item) if flow.item_id else ThreadItemDoneEvent(item=item)
    except CustomStreamError as error:
        raise CustomStreamError(flow.text_or_refusal(error.message), allow_retry=error.allow_retry) from error
    finally:
        await events.aclose()

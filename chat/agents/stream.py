"""A run of the Agents SDK -> ChatKit's events.

Differs from ChatKit's `stream_agent_response` where that is wrong for us: item ids are ours and new in each run (some
providers give every message the same id), times are computed by us, one task consumes the stream, and text travels as `TextDelta`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from typing import Any

from agents import RunResultStreaming
from agents.exceptions import ModelRefusalError
from agents.items import ToolCallItem
from chatkit.agents import AgentContext
from chatkit.types import (
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageItem,
    ClientToolCallItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    WorkflowItem,
)

from chat.agents.citations import annotation_of, annotations_of
from chat.agents.deltas import AnswerEvent, TextDelta
from chat.agents.drawings import Drawings
from chat.agents.reasoning import Thoughts
from chat.context import ChatContext
from chat.stores.base import now

_SURROGATE = re.compile("[\\ud800-\\udfff]")


class _End:
    """The SDK's stream has ended, well or with an error."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


async def stream_events(
    result: RunResultStreaming, context: AgentContext[ChatContext]
) -> AsyncGenerator[AnswerEvent, None]:
    """ChatKit events of a streamed run, with those that tools emit through ``context`` in between.

    Raises:
        whatever the run raises.
    """
    # One queue for both sources: tools already put their events into the context's.
    queue: asyncio.Queue[Any] = context._events

    async def pump() -> None:
        end = _End()
        try:
            async for event in result.stream_events():
                queue.put_nowait(event)
        except ModelRefusalError:
            pass  # Its words have come as any others: it is an answer.
        except Exception as error:  # noqa: BLE001 - raised again where the queue is read
            end = _End(error)
        finally:
            queue.put_nowait(end)

    task = asyncio.create_task(pump())
    converter = _Converter(context)
    try:
        while not isinstance(event := await queue.get(), _End):
            for converted in converter.convert(event):
                yield converted
        if event.error is not None:
            raise event.error
        for converted in converter.finish():
            yield converted
    finally:
        if not task.done():
            result.cancel()
            task.cancel()


class _Converter:
    """State of one conversion: which provider's message is which of our items."""

    def __init__(self, context: AgentContext[ChatContext]) -> None:
        self._context = context
        self._items: dict[str, AssistantMessageItem] = {}
        self._thoughts = Thoughts(context)
        self._drawings = Drawings(context)
        #: A tool's workflow that was shown and not ended.
        self._open_workflow: str | None = None
        #: How many annotations each part has: item, part -> number.
        self._annotations: dict[tuple[str, int], int] = {}
        self._tool_call_id: str | None = None
        #: The first half of a character whose second half comes with the next delta.
        self._half = ""

    def convert(self, event: Any) -> list[AnswerEvent]:
        kind = event.type
        if kind == "raw_response_event":
            return self._raw(event.data)
        if kind == "run_item_stream_event":
            if isinstance(event.item, ToolCallItem):
                self._tool_call_id = getattr(event.item.raw_item, "call_id", None)
            return []
        if kind == "agent_updated_stream_event":
            return []
        # Emitted by a tool: a ChatKit event already.
        if isinstance(event, ThreadItemAddedEvent | ThreadItemDoneEvent):
            if isinstance(event.item, WorkflowItem):
                self._open_workflow = event.item.id if isinstance(event, ThreadItemAddedEvent) else None
            return [*self._thoughts.end(), event]
        return [event]

    def _end_workflows(self) -> list[AnswerEvent]:
        """Close what is open before the next message: the model's thoughts, and a workflow that a tool did not end."""
        ended: list[AnswerEvent] = list(self._thoughts.end())
        item = self._context.workflow_item
        if item is not None and item.id == self._open_workflow:
            self._context.workflow_item = self._open_workflow = None
            ended.append(ThreadItemDoneEvent(item=item))
        return ended

    def finish(self) -> list[AnswerEvent]:
        """What follows the model's last word: a tool that the browser has to run."""
        ended = self._end_workflows()
        call = self._context.client_tool_call
        if call is None:
            return ended
        item = ClientToolCallItem(
            id=self._context.generate_id("tool_call"),
            thread_id=self._context.thread.id,
            created_at=now(),
            call_id=self._tool_call_id or self._context.generate_id("tool_call"),
            name=call.name,
            arguments=call.arguments,
        )
        return [*ended, ThreadItemDoneEvent(item=item)]

    def _raw(self, data: Any) -> list[AnswerEvent]:
        kind = data.type
        if kind in ("response.output_text.delta", "response.refusal.delta"):
            item = self._items.get(data.item_id)
            text = self._text(data.delta)
            return [TextDelta(item.id, data.content_index, text)] if item is not None and text else []
        if kind == "response.output_item.added" and data.item.type == "message":
            item = AssistantMessageItem(
                id=self._context.generate_id("message"), thread_id=self._context.thread.id, created_at=now(), content=[]
            )
            self._items[data.item.id], self._half = item, ""
            return [*self._end_workflows(), ThreadItemAddedEvent(item=item)]
        if kind == "response.content_part.added" and (item := self._items.get(data.item_id)) is not None:
            update = AssistantMessageContentPartAdded(content_index=data.content_index, content=_content(data.part))
            return [ThreadItemUpdatedEvent(item_id=item.id, update=update)]
        if kind == "response.content_part.done" and (item := self._items.get(data.item_id)) is not None:
            part = AssistantMessageContentPartDone(content_index=data.content_index, content=_content(data.part))
            return [ThreadItemUpdatedEvent(item_id=item.id, update=part)]
        if kind == "response.output_item.done" and data.item.type == "message":
            done = self._items.pop(data.item.id, None)
            if done is None:
                return []
            return [
                ThreadItemDoneEvent(
                    item=done.model_copy(update={"content": [_content(part) for part in data.item.content]})
                )
            ]
        if kind == "response.output_text.annotation.added" and (item := self._items.get(data.item_id)) is not None:
            return self._cite(item.id, data.content_index, data.annotation)
        drawn = self._drawings.take(data)
        if drawn and isinstance(drawn[0], ThreadItemAddedEvent):
            return [*self._end_workflows(), *drawn]
        return [*drawn, *self._thoughts.take(data)]

    def _cite(self, item_id: str, content_index: int, raw: Any) -> list[AnswerEvent]:
        """A citation, counted by us: those that are left out have no number."""
        annotation = annotation_of(raw)
        if annotation is None:
            return []
        number = self._annotations.get((item_id, content_index), 0)
        self._annotations[item_id, content_index] = number + 1
        update = AssistantMessageContentPartAnnotationAdded(
            content_index=content_index, annotation_index=number, annotation=annotation
        )
        return [ThreadItemUpdatedEvent(item_id=item_id, update=update)]

    def _text(self, delta: str) -> str:
        """A piece of text without halves of characters: some providers cut an emoji in two."""
        if delta.isascii() and not self._half:
            return delta
        text, self._half = self._half + delta, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return whole(text)


def whole(text: str) -> str:
    """The text with surrogate pairs as the characters they are, and U+FFFD for single surrogates: nothing else is UTF-8."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _content(part: Any) -> AssistantMessageContent:
    """A part of the model's message: its text with its citations, or the words of its refusal."""
    text = getattr(part, "text", None) or getattr(part, "refusal", None) or ""
    return AssistantMessageContent(text=whole(text), annotations=annotations_of(part))

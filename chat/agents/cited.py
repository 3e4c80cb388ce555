"""Numbers of passages in an answer -> ChatKit's annotations, which open the document at the place."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from urllib.parse import quote

from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageItem,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    URLSource,
)

from chat.agents.deltas import AnswerEvent, TextDelta
from chat.context import ChatContext
from chat.knowledge.search_queries import Found
from chat.tools.agent_context import PlatformAgentContext

#: `[1]`, `[1, 2]`, with the space before it; not the text of a link.
_MARK = re.compile(r" ?\[(\d{1,2}(?: ?, ?\d{1,2}){0,4})\](?!\()")
#: What may become a mark, or the text of a link, with the next piece.
_BEGUN = re.compile(r" $| ?\[[\d ,]{0,18}\]?$")
_LABEL = 40


def address_of(passage: Found, context: ChatContext) -> str:
    """Where a passage is read: on its own page where it has one, else on ours."""
    if passage.url.startswith(("https://", "http://")):
        return passage.url
    slug = context.tenant.slug
    return f"{context.origin}/t/{slug}/documents/{quote(passage.document_id)}/?at={passage.start}#passage"


def annotation_for(passage: Found, context: ChatContext, index: int) -> Annotation:
    """The citation of a passage at a place in an answer."""
    place = f"{passage.title}, page {passage.page}" if passage.page else passage.title
    label = passage.document_title
    short = label if len(label) <= _LABEL else f"{label[: _LABEL - 1]}…"
    source = URLSource(url=address_of(passage, context), title=place, attribution=short)
    return Annotation(source=source, index=index)


@dataclass
class _Text:
    """One text of an answer on its way out, without its marks."""

    length: int = 0
    came: int = 0
    held: str = ""
    went: list[str] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)


async def cited(
    events: AsyncGenerator[AnswerEvent, None], context: PlatformAgentContext
) -> AsyncGenerator[AnswerEvent, None]:
    """The events of an answer in which each number of a passage has become a citation.  A number without a passage stays text."""
    texts: dict[tuple[str, int], _Text] = {}
    try:
        async for event in events:
            if isinstance(event, TextDelta) and context.passages:
                text = texts.setdefault((event.item_id, event.content_index), _Text())
                text.came += len(event.delta)
                for sent in _sent(text, event.item_id, event.content_index, event.delta, context, is_last=False):
                    yield sent
            elif (
                isinstance(event, ThreadItemUpdatedEvent)
                and isinstance(event.update, AssistantMessageContentPartDone)
                and context.passages
            ):
                key = (event.item_id, event.update.content_index)
                content, rest = _finished(texts.setdefault(key, _Text()), *key, event.update.content, context)
                for sent in rest:
                    yield sent
                yield event.model_copy(update={"update": event.update.model_copy(update={"content": content})})
            elif isinstance(event, ThreadItemDoneEvent) and isinstance(event.item, AssistantMessageItem):
                if not context.passages:
                    yield event
                    continue
                contents = []
                for number, part in enumerate(event.item.content):
                    key = (event.item.id, number)
                    content, rest = _finished(texts.setdefault(key, _Text()), *key, part, context)
                    for sent in rest:
                        yield sent
                    contents.append(content)
                yield event.model_copy(update={"item": event.item.model_copy(update={"content": contents})})
            else:
                yield event
    finally:
        await events.aclose()


def _finished(
    text: _Text, item_id: str, index: int, part: AssistantMessageContent, context: PlatformAgentContext
) -> tuple[AssistantMessageContent, list[AnswerEvent]]:
    """A part as it was sent, and what had still to be sent of it."""
    missing = part.text[text.came :]
    text.came += len(missing)
    rest = _sent(text, item_id, index, missing, context, is_last=True)
    annotations = [*part.annotations, *text.annotations]
    return part.model_copy(update={"text": "".join(text.went), "annotations": annotations}), rest


def _sent(
    text: _Text, item_id: str, index: int, delta: str, context: PlatformAgentContext, *, is_last: bool
) -> list[AnswerEvent]:
    held, text.held = text.held + delta, ""
    if not is_last and (begun := _BEGUN.search(held)) is not None:
        held, text.held = held[: begun.start()], held[begun.start() :]
    sent: list[AnswerEvent] = []
    at = 0
    for mark in _MARK.finditer(held):
        numbers = [int(number) for number in mark[1].split(",")]
        if not all(0 < number <= len(context.passages) for number in numbers):
            continue
        _say(text, sent, item_id, index, held[at : mark.start()])
        at = mark.end()
        for number in numbers:
            annotation = annotation_for(context.passages[number - 1], context.request_context, text.length)
            update = AssistantMessageContentPartAnnotationAdded(
                content_index=index, annotation_index=len(text.annotations), annotation=annotation
            )
            text.annotations.append(annotation)
            sent.append(ThreadItemUpdatedEvent(item_id=item_id, update=update))
    _say(text, sent, item_id, index, held[at:])
    return sent


def _say(text: _Text, sent: list[AnswerEvent], item_id: str, index: int, words: str) -> None:
    if words:
        text.length += len(words)
        text.went.append(words)
        sent.append(TextDelta(item_id, index, words))

"""The output rules of a version, over every event of an answer, before it is stored or sent.

Text that is written piece by piece goes through a filter of its own, which finds what is cut in two and holds back a little.  Every
other string and address of every event is filtered where it stands (`chat.agents.filters.objects`, with the exceptions).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from chatkit.types import (
    Annotation,
    AssistantMessageContent,
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    FileSource,
    ThoughtTask,
    ThreadItem,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadMetadata,
    URLSource,
    WidgetComponentUpdated,
    WidgetItem,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)

from chat.agents.deltas import AnswerEvent, TextDelta
from chat.agents.filters.base import TextFilter, whole
from chat.agents.filters.blocklist import Blocked
from chat.agents.filters.objects import NOWHERE, ObjectFilter
from chat.agents.guardrails import Guardrails
from chat.stores import codec
from chatplatform.lib.ids import is_public_id

logger = logging.getLogger(__name__)
ItemEvent = ThreadItemAddedEvent | ThreadItemDoneEvent | ThreadItemReplacedEvent


@dataclass
class _Part:
    """One text on its way out."""

    filter: TextFilter
    came: list[str] = field(default_factory=list)
    went: list[str] = field(default_factory=list)
    #: Citations of text that is still held back.
    annotations: list[tuple[ThreadItemUpdatedEvent, Annotation]] = field(default_factory=list)
    #: What was shown of it before it was written piece by piece.
    shown: str = ""


class OutputRules:
    """The rules, with the state of the texts of one answer.

    Args:
        exempt: ids of items whose words are the user's own or the server's.
    """

    def __init__(self, guards: Guardrails, origin: str, exempt: frozenset[str] | set[str] = frozenset()) -> None:
        self._guards = guards
        self._exempt = exempt
        self._objects = ObjectFilter(
            self._whole,
            lambda text: whole(guards.new_filter(to_hosts=False), text),
            origin=origin,
            has_hosts=guards.options.output.hosts is not None,
        )
        self._parts: dict[tuple[str, int], _Part] = {}
        #: Texts of widgets that are being written: item, component.
        self._widgets: dict[tuple[str, str], _Part] = {}
        #: What they began with.
        self._values: dict[tuple[str, str], str] = {}
        self._left = guards.options.output.max_chars
        self._items: dict[str, AssistantMessageItem] = {}
        #: The message that is being written, or was last.
        self.item_id: str | None = None
        self.is_full = False

    def take(self, event: AnswerEvent) -> list[AnswerEvent]:
        """The event as it may be seen, after what was held back before it.

        Raises:
            Blocked: the answer may not go on.
        """
        if isinstance(event, TextDelta):
            return self._text(self._id(event.item_id), event.content_index, event.delta)
        if isinstance(event, ThreadItemUpdatedEvent):
            item_id = self._id(event.item_id)
            return self._update(event if item_id == event.item_id else event.model_copy(update={"item_id": item_id}))
        if isinstance(event, ItemEvent):
            if codec.is_hidden(event.item) or event.item.id in self._exempt:
                return [event]
            if isinstance(event.item, AssistantMessageItem):
                return self._message(event, event.item)
            if isinstance(event.item, WidgetItem):
                self._remember(event.item.id, codec.dump(event.item.widget))
        return [self._objects.filtered(event)]

    def item(self, item: ThreadItem) -> ThreadItem:
        """A whole item that is sent outside of an answer.

        Raises:
            Blocked: it may not be seen.
        """
        if codec.is_hidden(item) or item.id in self._exempt:
            return item
        shown: ThreadItem = self._objects.filtered(item)
        return shown

    def clean_thread(self, before: ThreadMetadata, thread: ThreadMetadata) -> None:
        """Take out of a thread object what may not be seen of what was changed in it."""
        if thread.title != before.title and thread.title is not None:
            thread.title = self._text_or(thread.title, before.title)
        if thread.status != before.status:
            try:
                thread.status = self._objects.filtered(thread.status)
            except Blocked:
                thread.status = thread.status.model_copy(update={"reason": None})
        if thread.allowed_image_domains != before.allowed_image_domains and thread.allowed_image_domains is not None:
            allowed = self._guards.options.output.hosts
            thread.allowed_image_domains = [
                host for host in thread.allowed_image_domains if allowed is None or host in allowed
            ]

    def text_or_refusal(self, text: str) -> str:
        """A whole text, or the refusal in its place."""
        return str(self._text_or(text, self._guards.options.refusal))

    def _text_or(self, text: str, otherwise: str | None) -> str | None:
        try:
            return self._whole(text)
        except Blocked as blocked:
            logger.info("a text was replaced: %s", blocked.rule)
            return otherwise

    def _id(self, item_id: str) -> str:
        """Nearly always one that the server has made."""
        return item_id if is_public_id(item_id) else str(self._objects.filtered(item_id, "item_id"))

    def _whole(self, text: str) -> str:
        return whole(self._guards.new_filter(), text)

    # ---- updates

    def _update(self, event: ThreadItemUpdatedEvent) -> list[AnswerEvent]:
        match event.update:
            case AssistantMessageContentPartTextDelta() as update:
                return self._text(event.item_id, update.content_index, update.delta)
            case AssistantMessageContentPartAdded() as update:
                content = self._begun(event.item_id, update.content_index, update.content)
                return [self._with(event, content=content)]
            case AssistantMessageContentPartAnnotationAdded() as update:
                part = self._part(event.item_id, update.content_index)
                annotation = self._annotation(update.annotation)
                part.annotations.append((self._with(event, annotation=annotation), annotation))
                return self._cited(part)
            case AssistantMessageContentPartDone() as update:
                rest = self._rest(event.item_id, update.content_index, update.content.text)
                content = self._content(event.item_id, update.content_index, update.content)
                return [*rest, self._with(event, content=content)]
            case WidgetRootUpdated() as update:
                self._remember(event.item_id, codec.dump(update.widget))
            case WidgetComponentUpdated() as update:
                self._remember(event.item_id, codec.dump(update.component))
            case WidgetStreamingTextValueDelta() as update:
                return self._widget_text(event, update)
            case WorkflowTaskAdded() | WorkflowTaskUpdated() as update:
                return [self._with(event, task=self._task(update.task))]
        return [self._objects.filtered(event)]

    @staticmethod
    def _with(event: ThreadItemUpdatedEvent, **fields: Any) -> ThreadItemUpdatedEvent:
        return event.model_copy(update={"update": event.update.model_copy(update=fields)})

    def _task(self, task: Any) -> Any:
        """A task that may not be over yet: it comes again as a whole, and its last words may go on."""
        if isinstance(task, ThoughtTask) or task.status_indicator == "loading":
            content = getattr(task, "content", None)
            if isinstance(content, str):
                ready = self._guards.new_filter().feed(content)
                return self._objects.filtered(task.model_copy(update={"content": ""})).model_copy(
                    update={"content": ready}
                )
        return self._objects.filtered(task)

    def _remember(self, item_id: str, node: Any) -> None:
        """The texts of a widget that may go on."""
        match node:
            case {"id": str() as name, "value": str() as value}:
                self._values[item_id, name] = value
                self._widgets.pop((item_id, name), None)
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            self._remember(item_id, child)

    def _widget_text(self, event: ThreadItemUpdatedEvent, update: WidgetStreamingTextValueDelta) -> list[AnswerEvent]:
        key = event.item_id, update.component_id
        if key not in self._widgets:
            begun = self._values.get(key, "")
            part = self._widgets[key] = _Part(self._guards.new_filter(), shown=self._whole(begun))
            part.went.append(part.filter.feed(begun))
        part = self._widgets[key]
        before = sum(map(len, part.went))
        text = "".join([*part.went, part.filter.feed(update.delta), part.filter.finish() if update.done else ""])
        # As one piece: with a thousand of them, each delta would look at a thousand.
        part.went = [text]
        if not text.startswith(part.shown[: len(text)]):
            raise Blocked("begun")  # what stands there already would have been changed with what follows
        ready = text[max(before, len(part.shown)) :]
        if not ready and not update.done:
            return []
        component = self._objects.filtered(update.component_id, "component_id")
        return [self._with(event, delta=ready, component_id=component)]

    # ---- messages

    def _message(self, event: ItemEvent, item: AssistantMessageItem) -> list[AnswerEvent]:
        self.item_id = item.id
        if [part.text for part in item.content] == [self._guards.options.refusal]:
            return [event]
        self._items[item.id] = item
        if isinstance(event, ThreadItemAddedEvent):
            contents = [self._begun(item.id, at, part) for at, part in enumerate(item.content)]
            return [event.model_copy(update={"item": self._shown(item, contents)})]
        if isinstance(event, ThreadItemReplacedEvent):
            # The text that it had is gone, and so is what was held back of it.
            for key in [key for key in self._parts if key[0] == item.id]:
                del self._parts[key]
        rest = [sent for at, part in enumerate(item.content) for sent in self._rest(item.id, at, part.text)]
        contents = [self._content(item.id, at, part) for at, part in enumerate(item.content)]
        shown = event.model_copy(update={"item": self._shown(item, contents)})
        return [*(rest if isinstance(event, ThreadItemDoneEvent) else []), shown]

    def _shown(self, item: AssistantMessageItem, contents: list[AssistantMessageContent]) -> AssistantMessageItem:
        """The item with these contents, which were filtered, and whatever else it may have."""
        other = self._objects.filtered(item.model_copy(update={"content": []}))
        shown: AssistantMessageItem = other.model_copy(update={"content": contents})
        return shown

    def _part(self, item_id: str, index: int) -> _Part:
        key = (item_id, index)
        if key not in self._parts:
            self._parts[key] = _Part(self._guards.new_filter())
        return self._parts[key]

    def _begun(self, item_id: str, index: int, content: AssistantMessageContent) -> AssistantMessageContent:
        """A part that begins, perhaps with some text."""
        part = self._part(item_id, index)
        part.came.append(content.text)
        ready = part.filter.feed(content.text)
        part.went.append(ready)
        return content.model_copy(
            update={"text": ready, "annotations": [self._annotation(each) for each in content.annotations]}
        )

    def _text(self, item_id: str, index: int, delta: str) -> list[AnswerEvent]:
        part = self._part(item_id, index)
        part.came.append(delta)
        return self._sent(item_id, index, part.filter.feed(delta))

    def _rest(self, item_id: str, index: int, text: str) -> list[AnswerEvent]:
        """What a filter still holds, and what came with no delta."""
        part = self._part(item_id, index)
        came = "".join(part.came)
        missing = text[len(came) :] if text.startswith(came) else ""
        part.came.append(missing)
        sent = self._sent(item_id, index, part.filter.feed(missing) + part.filter.finish())
        return [*sent, *self._cited(part, is_last=True)]

    def _sent(self, item_id: str, index: int, text: str) -> list[AnswerEvent]:
        if self._left is not None:
            if len(text) > self._left:
                text, self.is_full = f"{text[: self._left]}…", True
            self._left -= min(len(text), self._left)
        if not text:
            return []
        part = self._part(item_id, index)
        part.went.append(text)
        sent: list[AnswerEvent] = [TextDelta(item_id, index, text), *(self._cited(part) if part.annotations else [])]
        if self.is_full:
            item = self._items.get(item_id)
            parts = [key for key in self._parts if key[0] == item_id]
            contents = [
                AssistantMessageContent(text="".join(self._parts[key].went), annotations=[]) for key in sorted(parts)
            ]
            if item is not None:
                sent.append(ThreadItemDoneEvent(item=item.model_copy(update={"content": contents})))
        return sent

    def _cited(self, part: _Part, *, is_last: bool = False) -> list[AnswerEvent]:
        """The citations of text that has gone out.  They lose their places where the text has changed."""
        if not part.annotations:
            return []
        went, came = "".join(part.went), "".join(part.came)
        ready: list[AnswerEvent] = []
        while part.annotations:
            event, annotation = part.annotations[0]
            if annotation.index is not None and annotation.index > len(went) and not is_last:
                break
            ready.append(event if came.startswith(went) else self._with(event, annotation=_placeless(annotation)))
            del part.annotations[0]
        return ready

    def _content(self, item_id: str, index: int, content: AssistantMessageContent) -> AssistantMessageContent:
        """A part as it was sent.  Citations lose their places where the text has changed."""
        part = self._part(item_id, index)
        text = "".join(part.went)
        if not content.text.startswith("".join(part.came)) and not self.is_full:
            text = self._whole(content.text)  # other words than those that were streamed
        annotations = [self._annotation(each) for each in content.annotations]
        if text != content.text:
            annotations = [_placeless(each) for each in annotations]
        other: AssistantMessageContent = self._objects.filtered(
            content.model_copy(update={"text": "", "annotations": []})
        )
        return other.model_copy(update={"text": text, "annotations": annotations})

    def _annotation(self, annotation: Annotation) -> Annotation:
        """A citation.  One that leads where it may not keeps its name."""
        shown: Annotation = self._objects.filtered(annotation)
        source = shown.source
        if not isinstance(source, URLSource) or source.url != NOWHERE:
            return shown
        name = source.attribution or source.title
        return shown.model_copy(update={"source": FileSource(filename=name, title=source.title or name)})


def _placeless(annotation: Annotation) -> Annotation:
    return annotation.model_copy(update={"index": None})

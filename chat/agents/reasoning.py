"""A model's reasoning -> a workflow, whose tasks are its thoughts."""

from __future__ import annotations

import re
from typing import Any

from chatkit.agents import AgentContext
from chatkit.types import (
    DurationSummary,
    ThoughtTask,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    Workflow,
    WorkflowItem,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)

from chat.context import ChatContext
from chat.stores.base import now

#: A task is sent as a whole each time, so that it is sent in steps of so many characters at least.
STEP = 120
#: How models give a thought its heading.
_HEADING = re.compile(r"\A\s*\*\*(?P<title>[^*\n]{1,120})\*\*[ \t]*(?:\n+|\Z)")
_DELTAS = frozenset({"response.reasoning_summary_text.delta", "response.reasoning_text.delta"})
_ENDS = frozenset(
    {
        "response.reasoning_summary_text.done",
        "response.reasoning_summary_part.done",
        "response.reasoning_text.done",
    }
)


class Thoughts:
    """What a model thinks in one run.

    A model that thinks without telling shows nothing.  The workflow stays open while the model thinks and calls tools, and ends
    before the next thing that people see.
    """

    def __init__(self, context: AgentContext[ChatContext]) -> None:
        self._context = context
        self._item: WorkflowItem | None = None
        #: The thought that grows: which of the model's it is, its task, its text, and how much of that was sent.
        self._thought: tuple[str, int] | None = None
        self._index = 0
        self._text = ""
        self._sent = 0

    def take(self, data: Any) -> list[ThreadStreamEvent]:
        """The events for one of the model's raw events; none for those about other things."""
        if data.type in _DELTAS:
            return self._grow((data.item_id, getattr(data, "summary_index", 0)), data.delta)
        if data.type in _ENDS:
            events, self._thought = self._show(), None
            return events
        return []

    def end(self) -> list[ThreadStreamEvent]:
        """Close the workflow, before something else is shown."""
        item = self._item
        if item is None:
            return []
        events = self._show()
        self._item = self._thought = None
        item.workflow.summary = DurationSummary(duration=int((now() - item.created_at).total_seconds()))
        return [*events, ThreadItemDoneEvent(item=item)]

    def _grow(self, thought: tuple[str, int], delta: str) -> list[ThreadStreamEvent]:
        if thought == self._thought:
            self._text += delta
            # Longer steps for a longer thought, so that all of them together cost its length.
            return self._show() if len(self._text) - self._sent >= max(STEP, self._sent // 8) else []
        if not delta.strip():
            return []
        events = self._show()
        item = self._item
        if item is None:
            item = self._item = WorkflowItem(
                id=self._context.generate_id("workflow"),
                thread_id=self._context.thread.id,
                created_at=now(),
                workflow=Workflow(type="reasoning", tasks=[]),
            )
            events.append(ThreadItemAddedEvent(item=item.model_copy(deep=True)))
        self._thought, self._text, self._sent = thought, delta, len(delta)
        task, self._index = self._task(), len(item.workflow.tasks)
        item.workflow.tasks.append(task)
        added = WorkflowTaskAdded(task_index=self._index, task=task)
        return [*events, ThreadItemUpdatedEvent(item_id=item.id, update=added)]

    def _show(self) -> list[ThreadStreamEvent]:
        """The thought as it stands, when more of it has come."""
        item = self._item
        if item is None or self._thought is None or self._sent == len(self._text):
            return []
        task, self._sent = self._task(), len(self._text)
        item.workflow.tasks[self._index] = task
        update = WorkflowTaskUpdated(task_index=self._index, task=task)
        return [ThreadItemUpdatedEvent(item_id=item.id, update=update)]

    def _task(self) -> ThoughtTask:
        text = self._text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        heading = _HEADING.match(text)
        if heading is None:
            return ThoughtTask(content=text)
        return ThoughtTask(title=heading["title"].strip(), content=text[heading.end() :])

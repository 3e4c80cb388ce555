"""What tools show through the SDK's context."""

from typing import Any

from chatkit.types import CustomTask, ThreadItemAddedEvent, ThreadItemUpdatedEvent, ThreadMetadata

from chat.runs.pending import PendingItem
from chat.stores.base import now
from chat.stores.memory import MemoryStore
from chat.tools.agent_context import PlatformAgentContext


async def test_each_task_of_a_workflow_is_shown_once() -> None:
    """A tool adds them faster than anybody reads."""
    thread = ThreadMetadata(id="thr_1", created_at=now())
    context = PlatformAgentContext.model_construct(thread=thread, store=MemoryStore(), request_context=None)
    for title in ("one", "two", "three"):
        await context.add_workflow_task(CustomTask(title=title))
    shown: PendingItem | None = None
    events: Any = context._events
    while not events.empty():
        event = events.get_nowait()
        if isinstance(event, ThreadItemAddedEvent):
            shown = PendingItem(event.item)
        elif isinstance(event, ThreadItemUpdatedEvent) and shown is not None:
            shown.apply(event.update)
    assert shown is not None
    assert [task["title"] for task in shown.raw["workflow"]["tasks"]] == ["one", "two", "three"]

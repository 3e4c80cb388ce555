"""A model's thoughts, as they are shown while it thinks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from chatkit.types import ThreadMetadata

from chat.agents.reasoning import Thoughts
from chat.stores.base import now
from chat.stores.memory import MemoryStore
from chat.tools.agent_context import PlatformAgentContext


def sent(characters: int) -> tuple[str, int]:
    """What is shown in the end of a thought of so many characters, and how many characters were sent for it."""
    thread = ThreadMetadata(id="thr_1", created_at=now())
    context = PlatformAgentContext.model_construct(thread=thread, store=MemoryStore(), request_context=None)
    thoughts, total = Thoughts(context), 0
    last: Any = None
    for number in range(characters // 5):
        data = SimpleNamespace(
            type="response.reasoning_text.delta", item_id="rs_1", summary_index=0, delta=f"{number:04} "
        )
        for event in thoughts.take(data):
            task = getattr(getattr(event, "update", None), "task", None)
            if task is not None:
                last, total = task.content, total + len(task.content)
    ended: Any = thoughts.end()[-1]
    last = ended.item.workflow.tasks[-1].content
    return last, total


def test_a_long_thought_is_sent_a_few_times_at_most() -> None:
    """Each time as a whole: in steps of one size, one of 32,000 characters was sent 130 times over."""
    text, total = sent(32_000)
    assert text.split() == [f"{number:04}" for number in range(6_400)]
    assert total < 12 * 32_000


def test_a_short_thought_is_seen_to_grow() -> None:
    _text, total = sent(1_000)
    assert total > 3 * 1_000

"""Long texts of answers are filtered beside the event loop, and streamed ones cost their length."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from chatkit.types import (
    ThreadItemDoneEvent,
    ThreadItemUpdatedEvent,
    WidgetItem,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
)
from chatkit.widgets import DynamicWidgetRoot

from chat.agents.deltas import AnswerEvent, TextDelta
from chat.agents.filters.redact import KINDS
from chat.agents.guarded_answers import guarded
from chat.agents.guardrails import Guardrails
from chat.agents.output_rules import OutputRules
from chat.stores.base import now
from tenants.guardrail_options import GuardrailOptions
from tests.support.growth import MAX_RATIO, growth

GUARDS = Guardrails(
    GuardrailOptions.model_validate({"output": {"redact": list(KINDS), "blocklist": ["secret"], "hosts": []}})
)
LONG = "+49 170 1234567 " * 2_000


def widget(text: str) -> DynamicWidgetRoot:
    return DynamicWidgetRoot.model_validate(
        {"type": "Card", "children": [{"type": "Text", "id": "text", "value": text}]}
    )


EVENTS: dict[str, AnswerEvent] = {
    "delta": TextDelta("msg_x", 0, LONG),
    "widget": ThreadItemDoneEvent(
        item=WidgetItem(id="msg_x", thread_id="thr_x", created_at=now(), widget=widget(LONG))
    ),
    "update": ThreadItemUpdatedEvent(item_id="msg_x", update=WidgetRootUpdated(widget=widget(LONG))),
}


@pytest.mark.parametrize("name", EVENTS)
def test_a_long_text_is_filtered_beside_other_answers(name: str) -> None:
    async def events() -> AsyncGenerator[AnswerEvent, None]:
        yield EVENTS[name]

    async def turns_of_the_loop() -> int:
        opened: Any = SimpleNamespace(context=SimpleNamespace(origin="https://chat.example"), exempt=set())
        shown = asyncio.ensure_future(anext(guarded(events(), GUARDS, opened)))
        turns = 0
        while not shown.done():
            await asyncio.sleep(0)
            turns += 1
        assert "1234567" not in str(await shown)
        return turns

    assert asyncio.run(turns_of_the_loop()) > 10


def text_deltas(rules: OutputRules, delta: str) -> None:
    rules.take(TextDelta("msg_x", 0, delta))


def widget_deltas(rules: OutputRules, delta: str) -> None:
    update = WidgetStreamingTextValueDelta(component_id="text", delta=delta, done=False)
    rules.take(ThreadItemUpdatedEvent(item_id="msg_x", update=update))


@pytest.mark.parametrize("send", [text_deltas, widget_deltas])
def test_a_streamed_text_costs_its_length(send: Callable[[OutputRules, str], None]) -> None:
    guards = Guardrails(GuardrailOptions.model_validate({"output": {"blocklist": ["secret"]}}))

    def streamed(text: str) -> None:
        rules = OutputRules(guards, "https://chat.example")
        for at in range(0, len(text), 4):
            send(rules, text[at : at + 4])

    assert growth(streamed, lambda size: "word " * (size // 5), (500, 2_000, 8_000, 32_000, 128_000)) <= MAX_RATIO

"""How an answer ends: what it changed last is stored, its readers go on, and its thread is free."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from chatkit.types import (
    AssistantMessageContentPartTextDelta,
    AssistantMessageItem,
    ClosedStatus,
    LockedStatus,
    ProgressUpdateEvent,
    ThreadItemAddedEvent,
    ThreadItemUpdatedEvent,
)

from chat.agents.deltas import AnswerEvent
from chat.context import ChatContext
from chat.runs.registry import registry
from chat.server import PlatformChatKitServer
from chat.stores.base import OpenedRun, PlatformStore, now
from chatplatform.lib.ids import new_id
from tests.contracts.sdk import Caller, kinds, says

PATIENCE = 20


class Answering(PlatformChatKitServer):
    """Answers with the method that the message names."""

    async def answer(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        assert opened.item is not None
        async for event in getattr(self, opened.item.content[0].text)(opened):  # type: ignore[union-attr]
            yield event

    async def names(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        yield says(opened.thread, "Done", new_id("message"))
        opened.thread.title = "Named last"
        opened.thread.metadata["topic"] = "boots"

    async def locks(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        opened.thread.status = LockedStatus(reason="Paid")
        opened.thread.allowed_image_domains = ["images.example"]
        return
        yield

    async def fails_after_a_change(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        yield ProgressUpdateEvent(text="Working")
        opened.thread.status = ClosedStatus(reason="Broken")
        raise ValueError

    async def cancels_itself(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        item = AssistantMessageItem(id=new_id("message"), thread_id=opened.thread.id, created_at=now(), content=[])
        yield ThreadItemAddedEvent(item=item)
        yield ThreadItemUpdatedEvent(
            item_id=item.id, update=AssistantMessageContentPartTextDelta(content_index=0, delta="One")
        )
        raise asyncio.CancelledError

    async def leaves(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        yield ProgressUpdateEvent(text="Working")
        raise SystemExit(1)

    async def has_its_task_cancelled(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        yield ProgressUpdateEvent(text="Working")
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(PATIENCE)

    async def swallows_its_cancellation(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        while True:
            try:
                yield ProgressUpdateEvent(text="Working")
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                continue


@pytest.fixture
def caller(store: PlatformStore, alice: ChatContext) -> Caller:
    return Caller(Answering(store), alice)


async def turn(caller: Caller, text: str) -> tuple[str, list[dict[str, Any]]]:
    """A thread and all that its answer brought; fails where a reader would wait for ever."""
    return await asyncio.wait_for(caller.create(text), PATIENCE)


async def is_free(caller: Caller, thread_id: str) -> bool:
    """Whether the thread takes the next message."""
    events = await asyncio.wait_for(caller.say(thread_id, "names"), PATIENCE)
    return kinds(events)[0] == "thread.item.done user_message"


async def test_a_change_after_the_last_event_is_stored_and_shown(caller: Caller) -> None:
    thread_id, events = await turn(caller, "names")
    assert kinds(events)[-2:] == ["thread.item.done assistant_message", "thread.updated"]
    assert events[-1]["thread"]["title"] == "Named last"
    stored = await caller.store.load_thread(thread_id, caller.context)
    assert (stored.title, stored.metadata) == ("Named last", {"topic": "boots"})


async def test_a_change_of_an_answer_without_events_is_stored_and_shown(caller: Caller) -> None:
    thread_id, events = await turn(caller, "locks")
    assert events[-1]["thread"]["status"] == {"type": "locked", "reason": "Paid"}
    assert events[-1]["thread"]["allowed_image_domains"] == ["images.example"]
    stored = await caller.store.load_thread(thread_id, caller.context)
    assert (stored.status, stored.allowed_image_domains) == (LockedStatus(reason="Paid"), ["images.example"])


async def test_a_change_before_an_error_is_stored_and_shown(caller: Caller) -> None:
    thread_id, events = await turn(caller, "fails_after_a_change")
    assert kinds(events)[-2:] == ["error", "thread.updated"]
    assert (await caller.store.load_thread(thread_id, caller.context)).status == ClosedStatus(reason="Broken")


async def test_an_answer_that_cancels_itself_has_failed(caller: Caller) -> None:
    thread_id, events = await turn(caller, "cancels_itself")
    assert kinds(events)[-2:] == ["thread.item.done assistant_message", "error"]
    assert events[-1]["allow_retry"] is True
    (item,) = (await caller.ask("items.list", thread_id=thread_id))["data"][:1]
    assert (item["content"][0]["text"], item["interrupted"]) == ("One", "error")
    assert await is_free(caller, thread_id)


@pytest.mark.parametrize("name", ["leaves", "has_its_task_cancelled"])
async def test_no_way_to_end_an_answer_leaves_its_readers_waiting(caller: Caller, name: str) -> None:
    thread_id, events = await turn(caller, name)
    assert kinds(events)[-1] == "error"
    assert await is_free(caller, thread_id)


async def test_a_stop_ends_an_answer_that_swallows_its_cancellation(caller: Caller) -> None:
    stream = asyncio.create_task(turn(caller, "swallows_its_cancellation"))
    while not len(registry()):
        await asyncio.sleep(0)
    (run,) = registry()._runs.values()
    while run.task is None or len(run.log.frames(0)) < 6:
        await asyncio.sleep(0.01)
    run.cancel()
    thread_id, _events = await stream
    assert (await caller.store.run_state(run.opened.run_id, caller.context)).state == "cancelled"
    assert await is_free(caller, thread_id)

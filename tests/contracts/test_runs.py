"""Runs: one answer at a time in a thread, a lease that says who lives, and nothing lost that was written."""

import orjson
import pytest
from chatkit.store import NotFoundError
from chatkit.types import (
    ClientToolCallItem,
    ClosedStatus,
    LockedStatus,
    ThreadItem,
    ThreadMetadata,
    WidgetItem,
)
from chatkit.widgets import DynamicWidgetRoot
from pytest_django.fixtures import Settings

from chat.context import ChatContext
from chat.stores import codec
from chat.stores.base import Checkpoint, LostRun, PlatformStore, now
from chatplatform.lib.ids import new_id
from tests.contracts.conftest import (
    NewThread,
    People,
    always,
    answer,
    code_of,
    let_the_lease_run_out,
    note,
    opened,
    opening,
    user_message,
)


def call(thread_id: str) -> ClientToolCallItem:
    return ClientToolCallItem(
        id=new_id("tool_call"), thread_id=thread_id, created_at=now(), call_id="call_1", name="page_title", arguments={}
    )


def widget(thread_id: str) -> WidgetItem:
    root = DynamicWidgetRoot.model_validate({"type": "Card", "children": []})
    return WidgetItem(id=new_id("message"), thread_id=thread_id, created_at=now(), widget=root)


async def test_it_makes_a_thread_with_its_first_message(store: PlatformStore, alice: ChatContext) -> None:
    thread = ThreadMetadata(id=store.generate_thread_id(alice), created_at=now(), title="Boots")
    message = user_message(thread.id)
    run = await store.open_run(opening(thread.id, creates=thread, adds=message), alice)
    assert (await store.load_thread(thread.id, alice)).title == "Boots"
    assert [orjson.loads(raw)["id"] for raw in run.history] == [message.id]
    assert (await store.load_full_thread(thread.id, 20, alice)).run_id == run.run_id


async def test_it_gives_the_run_the_newest_items_oldest_first_hidden_ones_included(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread, settings: Settings
) -> None:
    settings.CHAT_HISTORY_ITEMS = 3
    thread = await new_thread(alice)
    items = [answer(thread.id, str(number)) for number in range(5)] + [note(thread.id)]
    for item in items:
        await store.add_thread_item(thread.id, item, alice)
    run = await opened(store, alice, thread.id, "Last")
    texts = [orjson.loads(raw)["content"] for raw in run.history]
    assert texts[-2] == "secret"
    assert texts[-1][0]["text"] == "Last"
    assert 3 <= len(texts) <= 4
    assert [item.id for item in run.items()[:-1]] == [item.id for item in items[-len(texts) + 1 :]]


async def test_trap_16_one_answer_at_a_time(store: PlatformStore, alice: ChatContext, new_thread: NewThread) -> None:
    thread, other = await new_thread(alice), await new_thread(alice)
    run = await opened(store, alice, thread.id)
    assert await code_of(opened(store, alice, thread.id)) == "run_in_progress"
    await opened(store, alice, other.id)
    await store.close_run(run, "completed")
    await opened(store, alice, thread.id)
    # The message that was refused is not there.
    assert len((await store.load_thread_items(thread.id, None, 20, "asc", alice)).data) == 2


async def test_a_run_whose_process_died_gives_way(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    dead = await opened(store, alice, thread.id)
    half = codec.dump_item(answer(thread.id, "Half")) | {"interrupted": "lost"}
    await store.checkpoint([Checkpoint(dead.run_id, thread.id, half, alice)])
    await let_the_lease_run_out(store, dead.run_id)
    # Until somebody who may say so has said that it is lost, it is not.
    assert (await store.run_state(dead.run_id, alice)).state == "running"
    assert await code_of(opened(store, alice, thread.id)) == "run_in_progress"
    assert (await store.look_for_silent_runs())[1]
    assert await store.give_up_silent_runs(always()) == [LostRun(dead.run_id, "nobody")]
    assert not (await store.look_for_silent_runs())[1]
    state = await store.run_state(dead.run_id, alice)
    assert (state.state, state.owner, state.error_code) == ("lost", None, "run_lost")
    assert (await store.load_full_thread(thread.id, 20, alice)).run_id is None
    next_run = await opened(store, alice, thread.id, "Next")
    assert [orjson.loads(raw).get("interrupted") for raw in next_run.history] == [None, "lost", None]
    # What the dead one says when it turns out to live is not heard any more.
    late = half | {"content": []}
    await store.checkpoint([Checkpoint(dead.run_id, thread.id, late, alice)])
    assert await code_of(store.close_run(dead, "completed", "", [late])) == "run_superseded"
    assert orjson.loads(await store.raw_item(thread.id, half["id"], alice)) == half
    assert (await store.run_state(dead.run_id, alice)).state == "lost"
    assert await code_of(opened(store, alice, thread.id)) == "run_in_progress"


async def test_a_renewed_lease_keeps_the_lock(store: PlatformStore, alice: ChatContext, new_thread: NewThread) -> None:
    thread = await new_thread(alice)
    run = await opened(store, alice, thread.id)
    await let_the_lease_run_out(store, run.run_id)
    assert await store.renew_leases([run.run_id, "run_unknown"]) == {"run_unknown": "superseded"}
    assert await store.give_up_silent_runs(always()) == []
    assert await code_of(opened(store, alice, thread.id)) == "run_in_progress"


async def test_a_request_to_stop_reaches_the_producer(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    run = await opened(store, alice, thread.id)
    assert await store.request_cancel(run.run_id, alice) == "nobody"
    assert await store.request_cancel(run.run_id, alice) == "nobody"
    assert await store.renew_leases([run.run_id]) == {run.run_id: "cancelled"}
    await store.close_run(run, "cancelled")
    assert await store.request_cancel(run.run_id, alice) is None
    assert await store.renew_leases([run.run_id]) == {run.run_id: "superseded"}


async def test_it_keeps_checkpoints_in_their_place_and_in_bulk(
    store: PlatformStore, people: People, new_thread: NewThread
) -> None:
    runs = []
    for who in (people.alice, people.carol):
        thread = await new_thread(who)
        runs.append(await opened(store, who, thread.id))
    points = []
    for run in runs:
        raw = codec.dump_item(answer(run.thread.id, "One")) | {"interrupted": "lost"}
        points.append(Checkpoint(run.run_id, run.thread.id, raw, run.context))
    await store.checkpoint(points)
    for point in points:
        point.item["content"][0]["text"] = "One two"
    await store.checkpoint(points)
    await store.checkpoint([])
    for point in points:
        state = await store.run_state(point.run_id, point.context)
        assert [orjson.loads(raw)["type"] for raw in state.items] == ["user_message", "assistant_message"]
        assert orjson.loads(state.items[1])["content"][0]["text"] == "One two"
        assert (state.state, state.owner) == ("running", "nobody")


async def test_closing_keeps_what_is_unfinished_and_hides_what_is_hidden(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    run = await opened(store, alice, thread.id)
    half = codec.dump_item(answer(thread.id, "Half")) | {"interrupted": "cancelled"}
    await store.close_run(run, "cancelled", "", [half, codec.dump_item(note(thread.id))])
    state = await store.run_state(run.run_id, alice)
    assert (state.state, state.owner, state.error_code) == ("cancelled", None, "")
    assert [orjson.loads(raw)["type"] for raw in state.items] == ["user_message", "assistant_message"]
    visible = await store.raw_items(thread.id, None, 20, "asc", alice, include_hidden=False)
    assert orjson.loads(visible.data[-1]) == half
    assert len((await store.load_thread_items(thread.id, None, 20, "asc", alice)).data) == 3


async def test_closing_twice_changes_nothing(store: PlatformStore, alice: ChatContext, new_thread: NewThread) -> None:
    thread = await new_thread(alice)
    run = await opened(store, alice, thread.id)
    await store.close_run(run, "failed", "provider_timeout")
    await store.close_run(run, "completed")
    state = await store.run_state(run.run_id, alice)
    assert (state.state, state.error_code) == ("failed", "provider_timeout")


async def test_a_deleted_thread_ends_its_run_without_a_fuss(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    run = await opened(store, alice, thread.id)
    await store.delete_thread(thread.id, alice)
    point = Checkpoint(run.run_id, thread.id, codec.dump_item(answer(thread.id)), alice)
    await store.checkpoint([point])
    await store.close_run(run, "completed", "", [point.item])
    assert await store.renew_leases([run.run_id]) == {run.run_id: "superseded"}
    with pytest.raises(NotFoundError):
        await store.run_state(run.run_id, alice)
    with pytest.raises(NotFoundError):
        await store.put_item(thread.id, answer(thread.id), alice, run_id=run.run_id)


@pytest.mark.parametrize(
    ("status", "code"), [(LockedStatus(reason="Paid"), "thread_locked"), (ClosedStatus(), "thread_closed")]
)
async def test_trap_15_nothing_is_written_into_a_locked_thread(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread, status: LockedStatus | ClosedStatus, code: str
) -> None:
    thread = await new_thread(alice, status=status)
    item = user_message(thread.id)
    await store.add_thread_item(thread.id, item, alice)
    await store.add_thread_item(thread.id, call(thread.id), alice)
    for change in ({"adds": user_message(thread.id)}, {"retries": item.id}, {"tool_result": 1}, {"sender": item.id}):
        assert await code_of(store.open_run(opening(thread.id, **change), alice)) == code
    assert len((await store.load_thread_items(thread.id, None, 20, "asc", alice)).data) == 2


async def test_trap_25_a_result_completes_the_newest_call_and_drops_abandoned_ones(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    abandoned, newest = call(thread.id), call(thread.id)
    for item in (abandoned, user_message(thread.id), newest, note(thread.id)):
        await store.add_thread_item(thread.id, item, alice)
    run = await store.open_run(opening(thread.id, tool_result={"title": "Tents", "nothing": None}), alice)
    page = await store.load_thread_items(thread.id, None, 20, "asc", alice)
    assert abandoned.id not in [item.id for item in page.data]
    stored = await store.load_item(thread.id, newest.id, alice)
    assert isinstance(stored, ClientToolCallItem)
    assert (stored.status, stored.output) == ("completed", {"title": "Tents", "nothing": None})
    assert [orjson.loads(raw).get("status") for raw in run.history] == [None, "completed", None]


async def test_trap_25_a_result_that_nobody_waits_for_is_refused(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    assert await code_of(store.open_run(opening(thread.id, tool_result=1), alice)) == "no_pending_tool_call"
    pending = call(thread.id)
    await store.add_thread_item(thread.id, pending, alice)
    await store.add_thread_item(thread.id, user_message(thread.id), alice)
    assert await code_of(store.open_run(opening(thread.id, tool_result=1), alice)) == "no_pending_tool_call"
    again = call(thread.id)
    await store.add_thread_item(thread.id, again, alice)
    run = await store.open_run(opening(thread.id, tool_result=1), alice)
    await store.close_run(run, "completed")
    assert await code_of(store.open_run(opening(thread.id, tool_result=2), alice)) == "no_pending_tool_call"
    stored = await store.load_item(thread.id, again.id, alice)
    assert stored.output == 1  # type: ignore[union-attr]


async def test_trap_27_a_retry_removes_what_came_after_the_message(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    one, two = user_message(thread.id, "One"), user_message(thread.id, "Two")
    items: list[ThreadItem] = [one, answer(thread.id), note(thread.id), two, answer(thread.id)]
    for item in items:
        await store.add_thread_item(thread.id, item, alice)
    await store.add_feedback(thread.id, [items[-1].id], "negative", alice)
    run = await store.open_run(opening(thread.id, retries=items[0].id), alice)
    assert run.item is not None
    assert run.item.id == items[0].id
    page = await store.load_thread_items(thread.id, None, 20, "asc", alice)
    assert [item.id for item in page.data] == [items[0].id]
    assert [orjson.loads(raw)["id"] for raw in run.history] == [items[0].id]


async def test_trap_27_a_retry_that_is_refused_removes_nothing(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    items: list[ThreadItem] = [user_message(thread.id), answer(thread.id), note(thread.id)]
    for item in items:
        await store.add_thread_item(thread.id, item, alice)
    assert await code_of(store.open_run(opening(thread.id, retries=items[1].id), alice)) == "not_a_user_message"
    for unknown in (items[2].id, "msg_unknown", "", "a\0b"):
        with pytest.raises(NotFoundError):
            await store.open_run(opening(thread.id, retries=unknown), alice)
    run = await opened(store, alice, thread.id)
    assert await code_of(store.open_run(opening(thread.id, retries=items[0].id), alice)) == "run_in_progress"
    assert len((await store.load_thread_items(thread.id, None, 20, "asc", alice)).data) == 4
    await store.close_run(run, "completed")


async def test_an_action_comes_from_a_widget(store: PlatformStore, alice: ChatContext, new_thread: NewThread) -> None:
    thread = await new_thread(alice)
    sender, text = widget(thread.id), answer(thread.id)
    await store.add_thread_item(thread.id, sender, alice)
    await store.add_thread_item(thread.id, text, alice)
    assert await code_of(store.open_run(opening(thread.id, sender=text.id), alice)) == "not_a_widget"
    with pytest.raises(NotFoundError):
        await store.open_run(opening(thread.id, sender="a\0b"), alice)
    run = await store.open_run(opening(thread.id, sender=sender.id), alice)
    assert run.item is not None
    assert run.item.id == sender.id

"""Nothing of a thread can be seen, changed or disturbed by another person, another tenant, or at another assistant."""

from collections.abc import Awaitable, Callable

import pytest
from chatkit.store import NotFoundError

from chat.context import ChatContext
from chat.stores.base import PlatformStore
from chatplatform.lib.ids import new_id
from tests.contracts.conftest import NewThread, People, answer, opened, opening, user_message

Operation = Callable[[PlatformStore, str, str, ChatContext], Awaitable[object]]

OPERATIONS: dict[str, Operation] = {
    "load_thread": lambda store, thread, item, who: store.load_thread(thread, who),
    "load_full_thread": lambda store, thread, item, who: store.load_full_thread(thread, 20, who),
    "change_thread": lambda store, thread, item, who: store.change_thread(thread, {"title": "Stolen"}, who),
    "delete_thread": lambda store, thread, item, who: store.delete_thread(thread, who),
    "load_thread_items": lambda store, thread, item, who: store.load_thread_items(thread, None, 20, "asc", who),
    "raw_items": lambda store, thread, item, who: store.raw_items(thread, item, 20, "asc", who, include_hidden=False),
    "load_item": lambda store, thread, item, who: store.load_item(thread, item, who),
    "raw_item": lambda store, thread, item, who: store.raw_item(thread, item, who),
    "add_thread_item": lambda store, thread, item, who: store.add_thread_item(thread, answer(thread), who),
    "save_item": lambda store, thread, item, who: store.save_item(thread, answer(thread, "Stolen", id=item), who),
    "delete_thread_item": lambda store, thread, item, who: store.delete_thread_item(thread, item, who),
    "add_feedback": lambda store, thread, item, who: store.add_feedback(thread, [item], "negative", who),
    "open_run: message": lambda store, thread, item, who: store.open_run(
        opening(thread, adds=user_message(thread)), who
    ),
    "open_run: retry": lambda store, thread, item, who: store.open_run(opening(thread, retries=item), who),
    "open_run: tool result": lambda store, thread, item, who: store.open_run(opening(thread, tool_result=1), who),
    "open_run: action": lambda store, thread, item, who: store.open_run(opening(thread, sender=item), who),
}


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_foreign_thread_is_an_unknown_one(
    store: PlatformStore, people: People, new_thread: NewThread, operation: str
) -> None:
    thread = await new_thread(people.alice, title="Mine")
    item = user_message(thread.id, "Mine")
    await store.add_thread_item(thread.id, item, people.alice)
    for who in people.others:
        with pytest.raises(NotFoundError):
            await OPERATIONS[operation](store, thread.id, item.id, who)
    with pytest.raises(NotFoundError):
        await OPERATIONS[operation](store, new_id("thread"), item.id, people.alice)
    assert (await store.load_thread(thread.id, people.alice)).title == "Mine"
    page = await store.load_thread_items(thread.id, None, 20, "asc", people.alice)
    assert [(each.id, each.content[0].text) for each in page.data] == [(item.id, "Mine")]  # type: ignore[union-attr]


async def test_a_foreign_run_is_an_unknown_one(store: PlatformStore, people: People, new_thread: NewThread) -> None:
    thread = await new_thread(people.alice)
    run = await opened(store, people.alice, thread.id)
    for who in people.others:
        with pytest.raises(NotFoundError):
            await store.run_state(run.run_id, who)
        with pytest.raises(NotFoundError):
            await store.request_cancel(run.run_id, who)
    assert await store.renew_leases([run.run_id]) == {}  # nobody has stopped it


async def test_a_known_id_creates_nothing(store: PlatformStore, people: People, new_thread: NewThread) -> None:
    """The id of somebody's thread, used for a new one."""
    thread = await new_thread(people.alice, title="Mine")
    for who in people.others:
        with pytest.raises(NotFoundError):
            await new_thread(who, id=thread.id, title="Stolen")
        assert (await store.load_threads(20, None, "desc", who)).data == []
        assert (await store.thread_page(20, None, "desc", who)).data == []
    assert (await store.load_thread(thread.id, people.alice)).title == "Mine"


async def test_an_item_of_another_thread_is_unknown_here(
    store: PlatformStore, people: People, new_thread: NewThread
) -> None:
    alice = people.alice
    here, there = await new_thread(alice), await new_thread(alice)
    item = user_message(there.id)
    await store.add_thread_item(there.id, item, alice)
    for attempt in (
        store.load_item(here.id, item.id, alice),
        store.open_run(opening(here.id, retries=item.id), alice),
        store.open_run(opening(here.id, sender=item.id), alice),
    ):
        with pytest.raises(NotFoundError):
            await attempt
    await store.delete_thread_item(here.id, item.id, alice)
    assert (await store.load_item(there.id, item.id, alice)).id == item.id

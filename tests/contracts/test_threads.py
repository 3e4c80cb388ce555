"""Threads: save, load, change, list, delete."""

import re
from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from chatkit.store import NotFoundError
from chatkit.types import ActiveStatus, ClosedStatus, LockedStatus, Page, Thread, ThreadMetadata

from chat.context import ChatContext
from chat.stores import codec
from chat.stores.base import PlatformStore
from tests.contracts.conftest import NewThread, People, answer, opened, user_message

BEFORE = datetime(2024, 2, 29, 12, 30, 15, 123456)  # noqa: DTZ001 - as the SDK wants it: UTC without a zone.


@pytest.mark.parametrize("status", [ActiveStatus(), LockedStatus(reason="Paid"), ClosedStatus(reason=None)])
async def test_it_gives_back_what_was_saved(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread, status: ActiveStatus | LockedStatus | ClosedStatus
) -> None:
    saved = await new_thread(
        alice,
        title="Boots & “tents”",
        created_at=BEFORE,
        status=status,
        metadata={"previous_response_id": "resp_1", "n": 1.5, "nothing": None},
        allowed_image_domains=["images.example"],
    )
    assert await store.load_thread(saved.id, alice) == saved


async def test_it_tells_no_title_from_an_empty_one(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    for title in (None, ""):
        saved = await new_thread(alice, title=title)
        assert (await store.load_thread(saved.id, alice)).title == title


async def test_trap_05_the_sdk_gets_naive_utc(store: PlatformStore, alice: ChatContext, new_thread: NewThread) -> None:
    berlin = datetime(2024, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    saved = await new_thread(alice, created_at=berlin)
    item = user_message(saved.id, created_at=berlin)
    await store.add_thread_item(saved.id, item, alice)
    expected = datetime(2024, 7, 1, 12, 0)  # noqa: DTZ001
    assert (await store.load_thread(saved.id, alice)).created_at == expected
    assert (await store.load_item(saved.id, item.id, alice)).created_at == expected


async def test_trap_04_browsers_get_utc_with_a_z(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    saved = await new_thread(alice, created_at=datetime(2024, 7, 1, 12, 0, tzinfo=UTC))
    assert codec.dump_thread(await store.load_thread(saved.id, alice))["created_at"] == "2024-07-01T12:00:00.000000Z"
    item = user_message(saved.id, created_at=BEFORE)
    await store.add_thread_item(saved.id, item, alice)
    page = await store.raw_items(saved.id, None, 20, "asc", alice, include_hidden=False)
    assert '"2024-02-29T12:30:15.123456Z"' in page.data[0]


async def test_it_never_changes_when_a_thread_was_made(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    saved = await new_thread(alice, created_at=BEFORE, title="Before")
    later = saved.model_copy(update={"created_at": BEFORE + timedelta(days=1), "title": "After"})
    await store.save_thread(later, alice)
    loaded = await store.load_thread(saved.id, alice)
    assert (loaded.created_at, loaded.title) == (BEFORE, "After")


async def test_it_never_changes_whose_a_thread_is(store: PlatformStore, people: People, new_thread: NewThread) -> None:
    saved = await new_thread(people.alice, title="Mine")
    for other in people.others:
        with pytest.raises(NotFoundError):
            await store.save_thread(saved.model_copy(update={"title": "Stolen"}), other)
    assert (await store.load_thread(saved.id, people.alice)).title == "Mine"


async def test_trap_17_it_takes_a_thread_that_carries_items(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    saved = await new_thread(alice)
    item = answer(saved.id)
    carried = Thread(**saved.model_dump(), items=Page(data=[item]))
    await store.save_thread(carried, alice)
    loaded = await store.load_thread(saved.id, alice)
    assert type(loaded) is ThreadMetadata
    assert (await store.load_thread_items(saved.id, None, 20, "asc", alice)).data == []


async def test_it_shares_no_object_with_its_caller(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    saved = await new_thread(alice, metadata={"list": [1]})
    saved.metadata["list"].append(2)
    loaded = await store.load_thread(saved.id, alice)
    loaded.metadata["list"].append(3)
    assert (await store.load_thread(saved.id, alice)).metadata == {"list": [1]}


async def test_trap_16_a_change_touches_only_what_it_names(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    saved = await new_thread(alice, title="Before", metadata={"kept": True}, status=LockedStatus(reason="Why"))
    changed = await store.change_thread(saved.id, {"title": "After"}, alice)
    assert changed == await store.load_thread(saved.id, alice)
    assert (changed.title, changed.metadata, changed.status) == ("After", {"kept": True}, LockedStatus(reason="Why"))
    changed = await store.change_thread(
        saved.id, {"status": ActiveStatus(), "metadata": {}, "allowed_image_domains": ["a.example"]}, alice
    )
    assert (changed.title, changed.metadata, changed.status) == ("After", {}, ActiveStatus())
    changed = await store.change_thread(saved.id, {"allowed_image_domains": None}, alice)
    assert changed.allowed_image_domains is None


async def test_trap_01_ids_carry_128_random_bits(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    ids = [store.generate_thread_id(alice), store.generate_thread_id(alice)]
    ids += [store.generate_item_id(kind, thread, alice) for kind in ("message", "tool_call", "task", "workflow")]
    ids.append(store.generate_item_id("sdk_hidden_context", thread, alice))
    assert all(re.fullmatch(r"[a-z]{2,4}_[0-9a-f]{32}", each) for each in ids)
    assert len(set(ids)) == len(ids)


async def test_it_lists_the_callers_threads_newest_first(
    store: PlatformStore, people: People, new_thread: NewThread
) -> None:
    mine = [(await new_thread(people.alice)).id for _ in range(3)]
    for other in people.others:
        await new_thread(other)
    page = await store.load_threads(20, None, "desc", people.alice)
    assert [thread.id for thread in page.data] == mine[::-1]
    assert (page.has_more, page.after) == (False, None)
    page = await store.load_threads(20, None, "asc", people.alice)
    assert [thread.id for thread in page.data] == mine


async def test_a_page_for_the_wire_shows_what_threads_are(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    await new_thread(alice, title=None, metadata={"secret": "for the model"})
    await new_thread(alice, title='Boots "and" shoes', status=LockedStatus(reason="Paid"))
    await new_thread(alice, status=ClosedStatus(reason=None), allowed_image_domains=["example.com"])
    page = await store.load_threads(2, None, "desc", alice)
    shown = await store.thread_page(2, None, "desc", alice)
    assert [orjson.loads(text) for text in shown.data] == [codec.dump_thread(thread) for thread in page.data]
    assert (shown.has_more, shown.after) == (True, page.after)
    last = await store.thread_page(2, shown.after, "desc", alice)
    assert [orjson.loads(text).keys() for text in last.data] == [{"id", "created_at", "status", "metadata", "items"}]
    assert "for the model" not in last.data[0]


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_trap_21_pages_of_threads_miss_nothing_made_at_the_same_time(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread, order: str
) -> None:
    made = [(await new_thread(alice, created_at=BEFORE)).id for _ in range(7)]
    seen, after = [], None
    for expected_more in (True, True, True, False):
        page = await store.load_threads(2, after, order, alice)
        seen += [thread.id for thread in page.data]
        assert page.has_more is expected_more
        after = page.after
    assert seen == (made if order == "asc" else made[::-1])


async def test_trap_21_a_stale_or_foreign_cursor_of_threads_gives_an_empty_page(
    store: PlatformStore, people: People, new_thread: NewThread
) -> None:
    await new_thread(people.alice)
    deleted = await new_thread(people.alice)
    foreign = await new_thread(people.bob)
    await new_thread(people.alice)
    await store.delete_thread(deleted.id, people.alice)
    for cursor in (deleted.id, foreign.id, "thr_unknown", "", "nonsense", "a\0b", "é" * 300):
        for order in ("asc", "desc"):
            page = await store.load_threads(20, cursor, order, people.alice)
            assert (page.data, page.has_more) == ([], False), cursor


@pytest.mark.parametrize(("limit", "length"), [(-1, 1), (-(10**9), 1), (0, 20), (1, 1), (1_000, 1_000), (10**9, 1_000)])
async def test_trap_18_limits_are_kept_in_bounds(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread, limit: int, length: int
) -> None:
    thread = await new_thread(alice)
    run = await opened(store, alice, thread.id)
    await store.close_run(run, "completed", "", [codec.dump_item(answer(thread.id)) for _ in range(1_003)])
    page = await store.load_thread_items(thread.id, None, limit, "asc", alice)
    assert (len(page.data), page.has_more) == (length, True)


async def test_it_bounds_the_pages_of_threads_too(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    for _ in range(22):
        await new_thread(alice)
    assert [len((await store.load_threads(limit, None, "desc", alice)).data) for limit in (-1, 0, 10**9)] == [1, 20, 22]


async def test_deleting_takes_everything_along(store: PlatformStore, alice: ChatContext, new_thread: NewThread) -> None:
    thread = await new_thread(alice)
    item = answer(thread.id)
    await store.add_thread_item(thread.id, item, alice)
    await store.add_feedback(thread.id, [item.id], "positive", alice)
    await store.delete_thread(thread.id, alice)
    for gone in (
        store.load_thread(thread.id, alice),
        store.load_item(thread.id, item.id, alice),
        store.load_thread_items(thread.id, None, 20, "asc", alice),
        store.delete_thread(thread.id, alice),
        store.change_thread(thread.id, {"title": "Back"}, alice),
        store.add_thread_item(thread.id, answer(thread.id), alice),
        store.add_feedback(thread.id, [item.id], "positive", alice),
    ):
        with pytest.raises(NotFoundError):
            await gone


@pytest.mark.parametrize("thread_id", ["", "thr_", "a\0b", "thr_" + "a" * 125, "thr_é", "../../etc", "thr_unknown"])
async def test_an_id_that_cannot_exist_is_not_found(store: PlatformStore, alice: ChatContext, thread_id: str) -> None:
    with pytest.raises(NotFoundError):
        await store.load_thread(thread_id, alice)

"""Items: place, round trip, hidden ones, pages."""

from datetime import datetime
from typing import Any

import orjson
import pytest
from chatkit.types import (
    ActiveStatus,
    AssistantMessageContent,
    ClientToolCallItem,
    SDKHiddenContextItem,
    ThreadItem,
    WidgetItem,
    Workflow,
    WorkflowItem,
)
from chatkit.widgets import DynamicWidgetRoot

from chat.context import ChatContext
from chat.stores import codec
from chat.stores.base import Checkpoint, PlatformStore, RawPage, now
from chatplatform.lib.ids import new_id
from tests.contracts.conftest import NewThread, answer, note, opened, text_of, user_message

BEFORE = datetime(2024, 2, 29, 12, 30, 15, 123456)  # noqa: DTZ001 - as the SDK wants it: UTC without a zone.


def ids_of(page: RawPage) -> list[str]:
    return [orjson.loads(raw)["id"] for raw in page.data]


async def put_raw(store: PlatformStore, context: ChatContext, thread_id: str, raw: dict[str, Any]) -> None:
    """An item that this version of the SDK cannot build, as a later version would have stored it."""
    run = await opened(store, context, thread_id)
    await store.close_run(run, "completed", "", [raw])


async def test_it_gives_back_what_was_added(store: PlatformStore, alice: ChatContext, new_thread: NewThread) -> None:
    thread = await new_thread(alice)
    call = ClientToolCallItem(
        id=new_id("tool_call"),
        thread_id=thread.id,
        created_at=now(),
        call_id="call_1",
        name="page_title",
        arguments={"deep": {"nothing": None, "text": "“ü”"}},
    )
    items: list[ThreadItem] = [user_message(thread.id), answer(thread.id), note(thread.id, {"any": ["thing"]}), call]
    for item in items:
        await store.add_thread_item(thread.id, item, alice)
    page = await store.load_thread_items(thread.id, None, 20, "asc", alice)
    assert [item.model_dump(exclude={"created_at"}) for item in page.data] == [
        item.model_dump(exclude={"created_at"}) for item in items
    ]
    assert [await store.load_item(thread.id, item.id, alice) for item in items] == page.data


async def test_trap_02_adding_an_item_again_replaces_it_in_its_place(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    workflow = WorkflowItem(
        id=new_id("workflow"), thread_id=thread.id, created_at=now(), workflow=Workflow(type="reasoning", tasks=[])
    )
    await store.add_thread_item(thread.id, workflow, alice)
    last = answer(thread.id)
    await store.add_thread_item(thread.id, last, alice)
    workflow.workflow.expanded = True
    await store.add_thread_item(thread.id, workflow, alice)
    last.content = [AssistantMessageContent(text="Changed", annotations=[])]
    await store.save_item(thread.id, last, alice)
    page = await store.load_thread_items(thread.id, None, 20, "asc", alice)
    assert [item.id for item in page.data] == [workflow.id, last.id]
    assert page.data[0].workflow.expanded is True  # type: ignore[union-attr]
    assert text_of(page.data[1]) == "Changed"


async def test_the_same_id_in_two_threads_names_two_items(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    one, two = await new_thread(alice), await new_thread(alice)
    first = answer(one.id, "One")
    second = answer(two.id, "Two", id=first.id)
    await store.add_thread_item(one.id, first, alice)
    await store.add_thread_item(two.id, second, alice)
    assert text_of(await store.load_item(one.id, first.id, alice)) == "One"
    assert text_of(await store.load_item(two.id, first.id, alice)) == "Two"


@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_trap_21_pages_of_items_miss_nothing_made_at_the_same_time(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread, order: str
) -> None:
    thread = await new_thread(alice)
    made = [answer(thread.id, created_at=BEFORE) for _ in range(7)]
    for item in made:
        await store.add_thread_item(thread.id, item, alice)
    seen: list[str] = []
    after: str | None = None
    for expected_more in (True, True, True, False):
        page = await store.load_thread_items(thread.id, after, 2, order, alice)
        seen += [item.id for item in page.data]
        assert page.has_more is expected_more
        after = page.after
    assert after is None
    expected = [item.id for item in made]
    assert seen == (expected if order == "asc" else expected[::-1])


async def test_trap_21_a_stale_or_foreign_cursor_of_items_gives_an_empty_page(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread, elsewhere = await new_thread(alice), await new_thread(alice)
    items = [answer(thread.id) for _ in range(3)]
    for item in items:
        await store.add_thread_item(thread.id, item, alice)
    foreign = answer(elsewhere.id)
    await store.add_thread_item(elsewhere.id, foreign, alice)
    await store.delete_thread_item(thread.id, items[1].id, alice)
    for cursor in (items[1].id, foreign.id, "msg_unknown", "", "a\0b", "é" * 300):
        for order in ("asc", "desc"):
            page = await store.load_thread_items(thread.id, cursor, 20, order, alice)
            assert (page.data, page.has_more) == ([], False), cursor


async def test_trap_19_browsers_get_full_pages_without_hidden_items(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    visible = []
    for number in range(6):
        for _ in range(3):
            await store.add_thread_item(thread.id, note(thread.id), alice)
        item = answer(thread.id, str(number))
        visible.append(item.id)
        await store.add_thread_item(thread.id, item, alice)
    hidden = SDKHiddenContextItem(id=new_id("message"), thread_id=thread.id, created_at=now(), content="secret")
    await store.add_thread_item(thread.id, hidden, alice)
    first = await store.raw_items(thread.id, None, 4, "asc", alice, include_hidden=False)
    assert (ids_of(first), first.has_more, first.after) == (visible[:4], True, visible[3])
    second = await store.raw_items(thread.id, first.after, 4, "asc", alice, include_hidden=False)
    assert (ids_of(second), second.has_more) == (visible[4:], False)
    full = await store.load_full_thread(thread.id, 4, alice)
    assert ids_of(full.items) == visible[:4]
    model = await store.load_thread_items(thread.id, None, 100, "asc", alice)
    assert len(model.data) == 25


async def test_a_hidden_item_may_be_the_cursor(store: PlatformStore, alice: ChatContext, new_thread: NewThread) -> None:
    thread = await new_thread(alice)
    first, hidden, last = answer(thread.id), note(thread.id), answer(thread.id)
    for item in (first, hidden, last):
        await store.add_thread_item(thread.id, item, alice)
    page = await store.raw_items(thread.id, hidden.id, 20, "asc", alice, include_hidden=False)
    assert ids_of(page) == [last.id]


async def test_trap_23_a_widget_keeps_what_the_sdk_does_not_know(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    root = {
        "type": "Card",
        "border": {"size": 1},
        "children": [
            {"type": "Button", "label": "Go", "shinyNewProp": 7},
            {"type": "Table", "children": [{"type": "Table.Row", "header": True}]},
        ],
    }
    widget = DynamicWidgetRoot.model_validate(root)
    item = WidgetItem(id=new_id("message"), thread_id=thread.id, created_at=now(), widget=widget)
    await store.add_thread_item(thread.id, item, alice)
    for _ in range(2):  # and what was loaded may be saved again
        loaded = await store.load_item(thread.id, item.id, alice)
        assert codec.dump_item(loaded)["widget"] == root
        await store.save_item(thread.id, loaded, alice)


async def test_trap_24_fields_of_a_later_version_survive(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    raw = codec.dump_item(answer(thread.id)) | {"mood": {"happy": [True]}}
    await put_raw(store, alice, thread.id, raw)
    loaded = await store.load_item(thread.id, raw["id"], alice)
    loaded.content = [AssistantMessageContent(text="Changed", annotations=[])]  # type: ignore[union-attr]
    await store.save_item(thread.id, loaded, alice)
    stored = orjson.loads(await store.raw_item(thread.id, raw["id"], alice))
    assert stored["mood"] == {"happy": [True]}
    assert stored["content"][0]["text"] == "Changed"


async def test_trap_24_an_item_of_a_later_version_does_not_break_its_page(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    raw = {
        "id": new_id("message"),
        "thread_id": thread.id,
        "created_at": "2031-01-01T00:00:00.000Z",
        "type": "hologram",
        "beam": {"colour": "blue"},
    }
    await put_raw(store, alice, thread.id, raw)
    page = await store.load_thread_items(thread.id, None, 20, "desc", alice)
    assert len(page.data) == 2
    unknown = page.data[0]
    assert unknown.id == raw["id"]
    await store.save_item(thread.id, unknown, alice)
    assert orjson.loads(await store.raw_item(thread.id, raw["id"], alice)) == raw
    shown = await store.raw_items(thread.id, None, 20, "desc", alice, include_hidden=False)
    assert orjson.loads(shown.data[0]) == raw


async def test_a_finished_item_loses_its_mark_of_interruption(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    run = await opened(store, alice, thread.id)
    item = answer(thread.id, "Half")
    unfinished = codec.dump_item(item) | {"interrupted": "lost"}
    await store.checkpoint([Checkpoint(run.run_id, thread.id, unfinished, alice)])
    assert orjson.loads(await store.raw_item(thread.id, item.id, alice))["interrupted"] == "lost"
    item.content = [AssistantMessageContent(text="Whole", annotations=[])]
    await store.put_item(thread.id, item, alice, run_id=run.run_id)
    stored = orjson.loads(await store.raw_item(thread.id, item.id, alice))
    assert "interrupted" not in stored
    assert stored["content"][0]["text"] == "Whole"


async def test_text_with_nul_is_kept_readable(store: PlatformStore, alice: ChatContext, new_thread: NewThread) -> None:
    thread = await new_thread(alice, metadata={"a\0": "b\0"})
    item = user_message(thread.id, "A\0B\\u0000")
    await store.add_thread_item(thread.id, item, alice)
    loaded = await store.load_item(thread.id, item.id, alice)
    assert loaded.content[0].text == "A\N{REPLACEMENT CHARACTER}B\\u0000"  # type: ignore[union-attr]
    replaced = {"a\N{REPLACEMENT CHARACTER}": "b\N{REPLACEMENT CHARACTER}"}
    assert (await store.load_thread(thread.id, alice)).metadata == replaced


async def test_deleting_an_item_leaves_the_others(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    items = [answer(thread.id) for _ in range(3)]
    for item in items:
        await store.add_thread_item(thread.id, item, alice)
    await store.delete_thread_item(thread.id, items[1].id, alice)
    await store.delete_thread_item(thread.id, items[1].id, alice)  # what is gone may be removed again
    page = await store.load_thread_items(thread.id, None, 20, "asc", alice)
    assert [item.id for item in page.data] == [items[0].id, items[2].id]


async def test_the_whole_thread_comes_with_its_oldest_items(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice, title="Boots")
    items = [answer(thread.id) for _ in range(5)]
    for item in items:
        await store.add_thread_item(thread.id, item, alice)
    full = await store.load_full_thread(thread.id, 3, alice)
    assert (full.thread.title, full.thread.status, full.run_id) == ("Boots", ActiveStatus(), None)
    assert (ids_of(full.items), full.items.has_more) == ([item.id for item in items[:3]], True)
    assert orjson.loads(full.items.to_json())["after"] == items[2].id

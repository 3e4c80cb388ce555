"""Ids: a store's own generators are asked for every id, whatever the ids look like, and what is not there is named in the error."""

from typing import Any

import pytest
from chatkit.store import NotFoundError
from chatkit.types import FileAttachment, ThreadMetadata

from chat.context import ChatContext
from chat.runs.frames import delta_head
from chat.stores import files
from chat.stores.base import PlatformStore, now
from chatplatform.lib.ids import MAX_ID_LENGTH, is_storable_id, new_id
from tests.contracts.conftest import NewThread, answer, opening, user_message

FINE = [
    "1",
    "thread",
    "msg_000001",
    "6f9619ff-8b86-d011-b42d-00c04fc964ff",
    "a.b~c:d@e+f=g",
    "-",
    ".a",
    "x" * MAX_ID_LENGTH,
]
WRONG = ["", "a b", "a/b", "..", ".", 'a"b', "a\\b", "a\0b", "a\n", "é", "a,b", "a%2Fb", "x" * (MAX_ID_LENGTH + 1)]


@pytest.mark.parametrize("public_id", FINE)
async def test_an_id_of_any_generator_works(store: PlatformStore, alice: ChatContext, public_id: str) -> None:
    thread = ThreadMetadata(id=public_id, created_at=now(), title="Mine")
    attachment = FileAttachment(id=public_id, name="map.pdf", mime_type="application/pdf")
    await store.save_attachment(attachment, alice)
    message = user_message(public_id, id=public_id, attachments=[attachment])
    run = await store.open_run(opening(public_id, creates=thread, adds=message), alice)
    await store.close_run(run, "completed")
    assert (await store.load_thread(public_id, alice)).title == "Mine"
    assert (await store.load_item(public_id, public_id, alice)).id == public_id
    assert (await store.load_attachment(public_id, alice)).thread_id == public_id
    await store.add_feedback(public_id, [public_id], "positive", alice)
    assert [item.id for item in (await store.load_thread_items(public_id, None, 20, "asc", alice)).data] == [public_id]
    await store.delete_thread_item(public_id, public_id, alice)
    await store.delete_thread(public_id, alice)


@pytest.mark.parametrize("public_id", WRONG)
async def test_an_id_that_no_row_can_keep_is_refused_in_words(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread, public_id: str
) -> None:
    thread = await new_thread(alice)
    new = ThreadMetadata(id=public_id, created_at=now())
    file = FileAttachment(id=public_id, name="map.pdf", mime_type="application/pdf")
    for write in (
        store.save_thread(new, alice),
        store.open_run(opening(public_id, creates=new, adds=user_message(thread.id)), alice),
        store.add_thread_item(thread.id, answer(thread.id, id=public_id), alice),
        store.save_attachment(file, alice),
    ):
        with pytest.raises(
            ValueError, match=r"^The id .* of a new (thread|item|attachment) is none: use 1 to 128 char"
        ):
            await write


async def test_what_is_not_there_is_named(store: PlatformStore, alice: ChatContext, new_thread: NewThread) -> None:
    thread = await new_thread(alice)
    missing: list[tuple[str, Any]] = [
        ("Thread gone", store.load_thread("gone", alice)),
        ("Thread gone", store.load_full_thread("gone", 20, alice)),
        ("Thread gone", store.load_thread_items("gone", None, 20, "asc", alice)),
        ("Thread gone", store.change_thread("gone", {"title": "A"}, alice)),
        ("Thread gone", store.delete_thread("gone", alice)),
        ("Thread gone", store.add_thread_item("gone", answer("gone"), alice)),
        ("Thread gone", store.delete_thread_item("gone", "msg", alice)),
        ("Thread gone", store.open_run(opening("gone", adds=user_message("gone")), alice)),
        ("Item gone", store.load_item(thread.id, "gone", alice)),
        ("Item gone", store.add_feedback(thread.id, ["gone"], "positive", alice)),
        ("Item gone", store.open_run(opening(thread.id, retries="gone"), alice)),
        ("Item gone", store.open_run(opening(thread.id, sender="gone"), alice)),
        ("Attachment gone", store.load_attachment("gone", alice)),
        ("Attachment gone", store.load_attachments(["gone"], alice)),
        ("Run gone", store.run_state("gone", alice)),
        ("Run gone", store.request_cancel("gone", alice)),
    ]
    for what, call in missing:
        with pytest.raises(NotFoundError, match=f"^{what} not found$"):
            await call


async def test_an_id_in_an_error_cannot_break_a_log(store: PlatformStore, alice: ChatContext) -> None:
    with pytest.raises(NotFoundError, match=r"^Thread 'a\\nb\\xe9' not found$"):
        await store.load_thread("a\nb\xe9", alice)
    with pytest.raises(NotFoundError) as caught:
        await store.load_thread("x" * 10_000, alice)
    assert len(str(caught.value)) < 200


def test_ids_are_written_as_json_into_frames() -> None:
    assert b'"item_id":"a\\"b\\\\c"' in delta_head('a"b\\c', 0)


@pytest.mark.parametrize("public_id", [*FINE, "atc_956f2bb38e120bf4a4837a20b794602a"])
def test_a_stored_file_is_found_by_any_id_and_the_id_by_the_file(public_id: str) -> None:
    path = files.path_of(7, public_id)
    tenant, shard, name = path.split("/")
    assert (tenant, len(shard)) == ("7", 2)
    assert not {"", ".", ".."} & {shard, name}
    assert files.id_in(name) == files.id_in(name + files.PREVIEW) == public_id


def test_ids_of_ours_are_ids() -> None:
    assert all(is_storable_id(new_id(kind)) for kind in ("thread", "message", "attachment", "sdk_hidden_context"))

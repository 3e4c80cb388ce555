"""Attachments belong to one person and at most one thread; a verdict counts wholly or not at all."""

from typing import Any

import orjson
import pytest
from chatkit.store import NotFoundError
from chatkit.types import Attachment, FileAttachment, ThreadMetadata
from django.db import connection

from chat.context import ChatContext
from chat.models import Feedback
from chat.stores.base import PlatformStore, now
from chat.stores.memory import MemoryStore
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.ids import new_id
from tenants.scope import cross_tenant
from tests.contracts.conftest import NewThread, People, answer, note, opening, user_message


def file(**fields: Any) -> FileAttachment:
    values: dict[str, Any] = {"id": new_id("attachment"), "name": "map.pdf", "mime_type": "application/pdf", **fields}
    return FileAttachment(**values)


async def verdicts(store: PlatformStore) -> dict[str, str]:
    """Item id -> verdict, as stored."""
    if isinstance(store, MemoryStore):
        return {item_id: kind for (_thread, item_id, _user), kind in store._feedback.items()}

    @cross_tenant("a test looks")
    def read() -> dict[str, str]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT i.public_id, f.kind FROM {Feedback._meta.db_table} f JOIN chat_threaditem i ON i.id = f.item_id"
            )
            return dict(cursor.fetchall())

    return await in_database(read)


async def test_it_gives_back_what_was_saved(store: PlatformStore, alice: ChatContext) -> None:
    attachment: Attachment = file(metadata={"sha256": "abc"})
    await store.save_attachment(attachment, alice)
    assert await store.load_attachment(attachment.id, alice) == attachment
    await store.save_attachment(attachment.model_copy(update={"name": "plan.pdf"}), alice)
    assert (await store.load_attachment(attachment.id, alice)).name == "plan.pdf"


async def test_trap_13_an_attachment_is_its_owners_alone(store: PlatformStore, people: People) -> None:
    attachment = file()
    await store.save_attachment(attachment, people.alice)
    for other in people.others:
        with pytest.raises(NotFoundError):
            await store.load_attachment(attachment.id, other)
        with pytest.raises(NotFoundError):
            await store.save_attachment(attachment.model_copy(update={"name": "stolen.pdf"}), other)
        await store.delete_attachment(attachment.id, other)  # nothing of theirs has this id
    assert (await store.load_attachment(attachment.id, people.alice)).name == "map.pdf"


async def test_trap_13_an_attachment_stays_with_its_thread(
    store: PlatformStore, people: People, new_thread: NewThread
) -> None:
    alice = people.alice
    one, two, foreign = await new_thread(alice), await new_thread(alice), await new_thread(people.bob)
    attachment = file()
    await store.save_attachment(attachment, alice)
    with pytest.raises(NotFoundError):
        await store.save_attachment(attachment.model_copy(update={"thread_id": foreign.id}), alice)
    bound = attachment.model_copy(update={"thread_id": one.id})
    await store.save_attachment(bound, alice)
    await store.save_attachment(bound, alice)
    for moved in (two.id, None):
        with pytest.raises(NotFoundError):
            await store.save_attachment(attachment.model_copy(update={"thread_id": moved}), alice)
    assert (await store.load_attachment(attachment.id, alice)).thread_id == one.id


async def test_trap_13_a_message_cannot_name_an_attachment_of_somebody_else_or_of_another_thread(
    store: PlatformStore, people: People, new_thread: NewThread
) -> None:
    one, two = await new_thread(people.alice), await new_thread(people.alice)
    foreign, bound = file(), file(thread_id=one.id)
    await store.save_attachment(foreign, people.bob)
    await store.save_attachment(bound, people.alice)
    for attachment in (foreign, bound, file()):
        message = user_message(two.id, attachments=[attachment])
        with pytest.raises(NotFoundError):
            await store.open_run(opening(two.id, adds=message), people.alice)
    # Nothing of it has happened: no message was added, and the thread is free.
    assert (await store.load_thread_items(two.id, None, 20, "asc", people.alice)).data == []
    free = file()
    await store.save_attachment(free, people.alice)
    await store.open_run(opening(two.id, adds=user_message(two.id, attachments=[free])), people.alice)


async def test_a_deleted_attachment_is_gone(store: PlatformStore, alice: ChatContext) -> None:
    attachment = file()
    await store.save_attachment(attachment, alice)
    await store.delete_attachment(attachment.id, alice)
    with pytest.raises(NotFoundError, match=f"^Attachment {attachment.id} not found$"):
        await store.load_attachment(attachment.id, alice)
    await store.delete_attachment(attachment.id, alice)  # as in the SDK's own stores


async def test_an_attachment_knows_the_thread_that_it_was_sent_in(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread, attachment = await new_thread(alice), file(metadata={"source": "crm"})
    await store.save_attachment(attachment, alice)
    await store.open_run(opening(thread.id, adds=user_message(thread.id, attachments=[attachment])), alice)
    sent = attachment.model_copy(update={"thread_id": thread.id})
    assert await store.load_attachment(attachment.id, alice) == sent
    assert await store.load_attachments([attachment.id], alice) == [sent]


async def test_a_new_thread_may_begin_with_an_attachment(store: PlatformStore, alice: ChatContext) -> None:
    thread = ThreadMetadata(id=new_id("thread"), created_at=now())
    attachment = file()
    await store.save_attachment(attachment, alice)
    message = user_message(thread.id, attachments=[attachment])
    await store.open_run(opening(thread.id, creates=thread, adds=message), alice)
    assert (await store.load_attachment(attachment.id, alice)).thread_id == thread.id


async def test_an_attachment_goes_with_its_thread(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    attachment = file(thread_id=thread.id)
    await store.save_attachment(attachment, alice)
    await store.delete_thread(thread.id, alice)
    with pytest.raises(NotFoundError):
        await store.load_attachment(attachment.id, alice)


@pytest.mark.parametrize("attachment_id", ["", "a\0b", "atc_unknown", "é" * 300])
async def test_an_attachment_that_cannot_exist_is_not_found(
    store: PlatformStore, alice: ChatContext, attachment_id: str
) -> None:
    with pytest.raises(NotFoundError):
        await store.load_attachment(attachment_id, alice)


async def test_trap_14_a_verdict_is_kept_and_may_be_changed(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    items = [answer(thread.id) for _ in range(2)]
    for item in items:
        await store.add_thread_item(thread.id, item, alice)
    await store.add_feedback(thread.id, [item.id for item in items] * 2, "positive", alice)
    await store.add_feedback(thread.id, [items[0].id], "negative", alice)
    assert await verdicts(store) == {items[0].id: "negative", items[1].id: "positive"}


async def test_the_reader_gets_their_verdict_back_and_the_model_does_not(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    items = [answer(thread.id) for _ in range(2)]
    for item in items:
        await store.add_thread_item(thread.id, item, alice)
    await store.add_feedback(thread.id, [items[1].id], "negative", alice)
    full = await store.load_full_thread(thread.id, 10, alice)
    shown = await store.raw_items(thread.id, None, 10, "asc", alice, include_hidden=False)
    model = await store.raw_items(thread.id, None, 10, "asc", alice, include_hidden=True)
    for page, wanted in ((full.items, [None, "negative"]), (shown, [None, "negative"]), (model, [None, None])):
        assert [orjson.loads(raw).get("feedback") for raw in page.data] == wanted


async def test_trap_14_a_verdict_on_something_unknown_counts_for_nothing(
    store: PlatformStore, people: People, new_thread: NewThread
) -> None:
    alice = people.alice
    thread, elsewhere = await new_thread(alice), await new_thread(alice)
    item, hidden, other = answer(thread.id), note(thread.id), answer(elsewhere.id)
    await store.add_thread_item(thread.id, item, alice)
    await store.add_thread_item(thread.id, hidden, alice)
    await store.add_thread_item(elsewhere.id, other, alice)
    for wrong in (hidden.id, other.id, "msg_unknown", "", "a\0b"):
        with pytest.raises(NotFoundError):
            await store.add_feedback(thread.id, [item.id, wrong], "positive", alice)
    for context in people.others:
        with pytest.raises(NotFoundError):
            await store.add_feedback(thread.id, [item.id], "positive", context)
    assert await verdicts(store) == {}


async def test_an_attachment_is_for_the_assistant_that_took_it(store: PlatformStore, people: People) -> None:
    """Assistants differ in what they take."""
    attachment = file()
    await store.save_attachment(attachment, people.alice)
    with pytest.raises(NotFoundError):
        await store.load_attachment(attachment.id, people.alice_at_second)


async def test_trap_13_several_attachments_are_found_in_their_order_or_not_at_all(
    store: PlatformStore, people: People
) -> None:
    mine, foreign = [file(name="1"), file(name="2")], file()
    for attachment in mine:
        await store.save_attachment(attachment, people.alice)
    await store.save_attachment(foreign, people.bob)
    wanted = [mine[1].id, mine[0].id]
    assert [found.name for found in await store.load_attachments(wanted, people.alice)] == ["2", "1"]
    for other in (foreign.id, new_id("attachment"), "a\0b"):
        with pytest.raises(NotFoundError):
            await store.load_attachments([*wanted, other], people.alice)


async def test_the_attachments_of_a_thread_are_told_to_its_owner(
    store: PlatformStore, people: People, new_thread: NewThread
) -> None:
    thread = await new_thread(people.alice)
    attachment = file(thread_id=thread.id)
    await store.save_attachment(attachment, people.alice)
    assert await store.attachments_of(thread.id, people.alice) == [attachment.id]
    for other in people.others:
        assert await store.attachments_of(thread.id, other) == []

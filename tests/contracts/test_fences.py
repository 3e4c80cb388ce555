"""A run that has lost its thread to another writes nothing any more, whatever it writes; and no living one loses its thread."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import orjson
import psycopg
import pytest
from chatkit.types import ThreadMetadata
from django.conf import settings
from django.utils import timezone

from chat.context import ChatContext
from chat.models import Thread
from chat.stores import codec
from chat.stores.base import Answering, Checkpoint, LostRun, OpenedRun, PlatformStore, now
from chat.stores.django import DjangoStore
from chat.stores.fence import writing_for
from chat.stores.memory import MemoryStore
from chat.stores.usage import RunUsage
from chatplatform.lib.db_pool import fetch, in_database
from chatplatform.lib.tenant_setting import EVERY_TENANT, SETTING
from tenants.models import Usage
from tenants.scope import cross_tenant
from tests.contracts.conftest import (
    NewThread,
    always,
    answer,
    code_of,
    let_the_lease_run_out,
    opened,
    opening,
    user_message,
)
from tests.support.databases import url_of

Write = Callable[[PlatformStore, OpenedRun], Awaitable[object]]

#: Everything that a run writes, with what it had stored before.
WRITES: dict[str, Write] = {
    "a finished item": lambda store, run: store.put_item(
        run.thread.id, answer(run.thread.id, "Late"), run.context, run_id=run.run_id
    ),
    "an item of an agent": lambda store, run: store.add_thread_item(run.thread.id, answer(run.thread.id), run.context),
    "a change of an item": lambda store, run: store.save_item(
        run.thread.id, codec.load_item(orjson.loads(run.history[0])), run.context
    ),
    "the removal of an item": lambda store, run: store.delete_thread_item(
        run.thread.id, orjson.loads(run.history[0])["id"], run.context
    ),
    "a change of the thread": lambda store, run: store.change_thread(run.thread.id, {"title": "Late"}, run.context),
    "the thread": lambda store, run: store.save_thread(
        run.thread.model_copy(update={"title": "Late"}), run.context
    ),
    "its end": lambda store, run: store.close_run(
        run, "completed", "", [codec.dump_item(answer(run.thread.id, "Late"))]
    ),
}  # fmt: skip


async def superseded(store: PlatformStore, context: ChatContext, thread_id: str) -> tuple[OpenedRun, OpenedRun]:
    """A run whose process was frozen for longer than its lease, and the one that has its thread now."""
    frozen = await opened(store, context, thread_id)
    await let_the_lease_run_out(store, frozen.run_id)
    asked = opening(thread_id, adds=user_message(thread_id, "Anybody there?"), answering=always())
    following = await store.open_run(asked, context)
    assert following.took_over == [LostRun(frozen.run_id, "nobody")]
    return frozen, following


async def everything(store: PlatformStore, context: ChatContext, thread_id: str) -> tuple[list[str], str | None]:
    page = await store.raw_items(thread_id, None, 100, "asc", context, include_hidden=True)
    return page.data, (await store.load_thread(thread_id, context)).title


@pytest.mark.parametrize("what", WRITES)
async def test_a_run_that_was_superseded_writes_nothing(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread, what: str
) -> None:
    thread = await new_thread(alice, title="Boots")
    frozen, following = await superseded(store, alice, thread.id)
    before = await everything(store, alice, thread.id)
    with writing_for(frozen.run_id):
        assert await code_of(WRITES[what](store, frozen)) == "run_superseded"
    assert await everything(store, alice, thread.id) == before
    assert await store.renew_leases([frozen.run_id, following.run_id]) == {frozen.run_id: "superseded"}
    # And so with what is stored in bulk, where one run's fate is not the others'.
    points = [
        Checkpoint(run.run_id, thread.id, codec.dump_item(answer(thread.id, run.run_id)), alice)
        for run in (frozen, following)
    ]
    await store.checkpoint(points)
    kept = [orjson.loads(raw)["content"][0]["text"] for raw in (await everything(store, alice, thread.id))[0]]
    assert kept == ["Hello", "Anybody there?", following.run_id]


@pytest.mark.parametrize("what", WRITES)
async def test_the_running_one_writes_all_of_it(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread, what: str
) -> None:
    thread = await new_thread(alice, title="Boots")
    _frozen, following = await superseded(store, alice, thread.id)
    with writing_for(following.run_id):
        await WRITES[what](store, following)


async def test_a_run_that_was_superseded_keeps_what_it_used_once(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    thread = await new_thread(alice)
    frozen, _following = await superseded(store, alice, thread.id)
    frozen.usage = RunUsage("offline", "offline", output_tokens=7)
    assert await code_of(store.close_run(frozen, "completed")) == "run_superseded"
    await store.close_run(frozen, "lost", "run_superseded")
    if isinstance(store, MemoryStore):
        assert store.usage == {frozen.run_id: frozen.usage}
        return

    @cross_tenant("a test counts")
    def used() -> list[tuple[str, int]]:
        return list(Usage._base_manager.filter(run=frozen.run_id).values_list("outcome", "output_tokens"))

    # The run is lost, and so is what its usage says: both agree.
    assert await in_database(used) == [("lost", 7)]


async def test_a_thread_whose_epoch_changed_takes_nothing_from_its_running_one(
    store: PlatformStore, alice: ChatContext, new_thread: NewThread
) -> None:
    """As when a person takes over in the middle of an answer: the run is still there, and it is not the writer."""
    thread = await new_thread(alice)
    run = await opened(store, alice, thread.id)
    if isinstance(store, MemoryStore):
        store._threads[thread.id].epoch += 1
    else:

        @cross_tenant("a test takes over")
        def take_over() -> None:
            Thread._base_manager.filter(public_id=thread.id).update(epoch=1)

        await in_database(take_over)
    late = answer(thread.id, "Late")
    assert await code_of(store.put_item(thread.id, late, alice, run_id=run.run_id)) == "run_superseded"
    assert await store.renew_leases([run.run_id]) == {run.run_id: "superseded"}
    assert await code_of(store.close_run(run, "completed", "", [codec.dump_item(late)])) == "run_superseded"
    # The lock is free all the same.
    state = await store.run_state(run.run_id, alice)
    assert (state.state, state.error_code) == ("lost", "run_superseded")
    assert len((await everything(store, alice, thread.id))[0]) == 1
    await opened(store, alice, thread.id)


@pytest.mark.usefixtures("committed_database")
async def test_time_without_a_database_counts_against_nobody(alice: ChatContext) -> None:
    store, lease, moment = DjangoStore(), timedelta(seconds=settings.CHAT_RUN_LEASE_SECONDS), timezone.now()
    run = await _opened_anew(store, alice)
    await let_the_lease_run_out(store, run.run_id)
    may_not_judge = [
        None,  # it has not looked yet
        Answering(since=moment - lease * 0.9, until=moment),  # not a whole lease since the database is back
        Answering(since=moment - lease * 9, until=moment - lease * 0.9),  # the database may have been away meanwhile
    ]
    for answering in may_not_judge:
        asked = opening(run.thread.id, adds=user_message(run.thread.id), answering=answering)
        assert await code_of(store.open_run(asked, alice)) == "run_in_progress"
        if answering is not None:
            assert await store.give_up_silent_runs(answering) == []
    await store.put_item(run.thread.id, answer(run.thread.id), alice, run_id=run.run_id)  # it lives, and goes on
    assert await store.renew_leases([run.run_id]) == {}


@pytest.mark.usefixtures("committed_database")
@pytest.mark.parametrize("what", WRITES)
async def test_a_takeover_in_the_very_moment_of_a_write_is_seen_by_it(alice: ChatContext, what: str) -> None:
    """The write began before, and ends after: it must look again."""
    store = DjangoStore()
    run = await _opened_anew(store, alice)
    before = await everything(store, alice, run.thread.id)
    seeing = f"-c {SETTING}={EVERY_TENANT}"
    async with await psycopg.AsyncConnection.connect(url_of(), options=seeing) as other:
        await other.execute("UPDATE chat_thread SET epoch = epoch + 1 WHERE public_id = %s", (run.thread.id,))
        await other.execute("UPDATE chat_run SET state = 'lost' WHERE public_id = %s", (run.run_id,))
        with writing_for(run.run_id):
            writing = asyncio.create_task(code_of(WRITES[what](store, run)))
        while not await in_database(fetch, "SELECT FROM pg_locks WHERE NOT granted"):
            assert not writing.done()
            await asyncio.sleep(0.01)
        await other.commit()
    assert await writing == "run_superseded"
    assert await everything(store, alice, run.thread.id) == before


async def _opened_anew(store: PlatformStore, context: ChatContext) -> OpenedRun:
    thread = ThreadMetadata(id=store.generate_thread_id(context), created_at=now())
    return await store.open_run(opening(thread.id, creates=thread, adds=user_message(thread.id)), context)

"""What a call of `DjangoStore` costs: one round trip to the database, and nothing is held afterwards.

Counted where it is true: in what libpq sends over the wire.
"""

import re
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from chatkit.types import FileAttachment, ThreadMetadata
from django.db import connection
from psycopg.pq import Trace, TransactionStatus
from pytest_django.fixtures import Settings

from chat.context import ChatContext
from chat.stores import codec
from chat.stores.base import Checkpoint, now
from chat.stores.django import DjangoStore
from chatplatform.lib import db_pool
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.ids import new_id
from tests.contracts.conftest import People, answer, opened, opening, user_message

# Messages of a client after which it waits for the server, in libpq's trace.
_SENT_AND_WAITED = re.compile(r"^F\t\d+\t(?:Sync|Query)\b", re.MULTILINE)


class Wire:
    """Counts round trips of the only connection of the pool."""

    def __init__(self) -> None:
        self._trace = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by the fixture.

    async def open(self) -> None:
        def trace() -> None:
            connection.ensure_connection()
            connection.connection.pgconn.trace(self._trace.fileno())
            connection.connection.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)

        await in_database(trace)

    async def cost_of(self, call: Awaitable[Any]) -> int:
        self._trace.seek(0)
        self._trace.truncate()
        await call
        assert await in_database(lambda: connection.connection.pgconn.transaction_status) == TransactionStatus.IDLE
        self._trace.seek(0)
        return len(_SENT_AND_WAITED.findall(self._trace.read()))

    def close(self) -> None:
        self._trace.close()


@pytest.fixture
def wire(settings: Settings, committed_database: None) -> Iterator[Wire]:
    db_pool.close_all()
    settings.CHAT_DB_THREADS = 1
    wire = Wire()
    yield wire
    db_pool.close_all()
    wire.close()


Call = Callable[[DjangoStore, ChatContext, str, str], Awaitable[Any]]


def _file(thread_id: str | None = None) -> FileAttachment:
    return FileAttachment(id=new_id("attachment"), name="map", mime_type="text/plain", thread_id=thread_id)


CALLS: dict[str, Call] = {
    "load_thread": lambda store, who, thread, item: store.load_thread(thread, who),
    "save_thread": lambda store, who, thread, item: store.save_thread(
        ThreadMetadata(id=thread, created_at=now(), title="New"), who
    ),
    "load_full_thread": lambda store, who, thread, item: store.load_full_thread(thread, 20, who),
    "change_thread": lambda store, who, thread, item: store.change_thread(thread, {"title": "New"}, who),
    "load_threads": lambda store, who, thread, item: store.load_threads(20, thread, "desc", who),
    "thread_page": lambda store, who, thread, item: store.thread_page(20, thread, "desc", who),
    "load_thread_items": lambda store, who, thread, item: store.load_thread_items(thread, item, 20, "desc", who),
    "load_item": lambda store, who, thread, item: store.load_item(thread, item, who),
    "add_thread_item": lambda store, who, thread, item: store.add_thread_item(thread, answer(thread), who),
    "save_item": lambda store, who, thread, item: store.save_item(thread, answer(thread, id=item), who),
    "add_feedback": lambda store, who, thread, item: store.add_feedback(thread, [item], "positive", who),
    "save_attachment": lambda store, who, thread, item: store.save_attachment(_file(thread), who),
    "delete_thread_item": lambda store, who, thread, item: store.delete_thread_item(thread, item, who),
    "delete_thread": lambda store, who, thread, item: store.delete_thread(thread, who),
}


async def thread_with_item(store: DjangoStore, who: ChatContext) -> tuple[str, str]:
    thread = ThreadMetadata(id=new_id("thread"), created_at=now())
    await store.save_thread(thread, who)
    item = answer(thread.id)
    await store.add_thread_item(thread.id, item, who)
    return thread.id, item.id


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_is_one_round_trip(wire: Wire, people: People, name: str) -> None:
    store, alice = DjangoStore(), people.alice
    await wire.open()
    warm, measured = await thread_with_item(store, alice), await thread_with_item(store, alice)
    await CALLS[name](store, alice, *warm)  # The first time, the statement is prepared.
    assert await wire.cost_of(CALLS[name](store, alice, *measured)) == 1


async def test_a_run_costs_two_transactions_and_nothing_in_between(wire: Wire, people: People) -> None:
    store, alice = DjangoStore(), people.alice
    await wire.open()
    for is_warm in (False, True):
        thread_id, _item = await thread_with_item(store, alice)
        asked = opening(thread_id, adds=user_message(thread_id))
        cost = await wire.cost_of(store.open_run(asked, alice))
        # Begin, lock the thread, take the run's lock, history, message, commit.
        assert not is_warm or cost <= 6
        run = await opened_again(store, alice)
        raw = codec.dump_item(answer(run.thread.id))
        point = Checkpoint(run.run_id, run.thread.id, raw, alice)
        assert await wire.cost_of(store.checkpoint([point])) == 1 or not is_warm
        assert await wire.cost_of(store.renew_leases([run.run_id])) == 1 or not is_warm
        assert await wire.cost_of(store.run_state(run.run_id, alice)) == 1 or not is_warm
        assert await wire.cost_of(store.request_cancel(run.run_id, alice)) == 1 or not is_warm
        # Begin, leftovers, end, commit.
        assert await wire.cost_of(store.close_run(run, "completed", "", [raw])) <= 4 or not is_warm


async def test_fifty_checkpoints_are_one_round_trip(wire: Wire, people: People) -> None:
    store, alice = DjangoStore(), people.alice
    await wire.open()
    points = []
    for _ in range(50):
        run = await opened_again(store, alice)
        raw = codec.dump_item(answer(run.thread.id))
        points.append(Checkpoint(run.run_id, run.thread.id, raw, alice))
    await store.checkpoint(points)
    assert await wire.cost_of(store.checkpoint(points)) == 1


async def opened_again(store: DjangoStore, who: ChatContext) -> Any:
    thread_id, _item = await thread_with_item(store, who)
    return await opened(store, who, thread_id)

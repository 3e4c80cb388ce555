"""What is finished, and waits for a database that does not answer, is not forgotten when the answer is stopped meanwhile."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.db import connection, transaction

from chat.models import Run, ThreadItem
from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import Browser, items_of, text_of
from tests.support.cast import Cast
from tests.support.provider import Hold, Provider
from tests.support.servers import ServerProcess

Eventually = Callable[..., Any]


@contextlib.contextmanager
def held(table: str) -> Iterator[Callable[[], int]]:
    """Statements on a table wait meanwhile; the function says how many do."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")

        def waiting() -> int:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [table])
            return int(cursor.fetchone()[0])

        yield waiting


@pytest.fixture
def server(start_server: StartServer, provider: Provider, cast: Cast) -> ServerProcess:
    return start_server(**quick(provider) | {"CHAT_DRAIN_SECONDS": "0", "CHAT_DB_THREADS": "8"})


@pytest.mark.parametrize("end", ["stop", "SIGTERM"])
def test_a_finished_answer_that_waits_to_be_stored_is_kept_whole(
    server: ServerProcess, browse: Browse, provider: Provider, *, cast: Cast, eventually: Eventually, end: str
) -> None:
    dave = browse(server=server).open("model")
    hold = Hold()
    provider.will_say("One", hold, " two", " three")
    with dave.saying("count") as stream:
        stream.until_text("One")
        with held("chat_threaditem") as waiting:
            hold.release()
            stream.until_text("One two three")
            eventually(waiting)  # a checkpoint, behind which the finished item waits
            stream.until(lambda frame: frame.get("update", {}).get("type", "").endswith("content_part.done"))
            stream.until(lambda frame: frame["type"] == ": ping")
            _end(server, dave, stream.run_id, end)
        frames = stream.rest()
    thread_id = frames[0]["thread"]["id"]
    (answer,) = items_of(frames, "assistant_message")
    assert answer["content"][0]["text"] == text_of(frames) == "One two three"
    assert "interrupted" not in answer
    stored = ThreadItem.objects.for_tenant(cast.acme).filter(thread__public_id=thread_id, is_hidden=False)
    assert [item.data for item in stored.order_by("pk")] == items_of(frames)
    assert (
        Run.objects.for_tenant(cast.acme).get(public_id=stream.run_id).state
        == {
            "stop": "cancelled",
            "SIGTERM": "lost",
        }[end]
    )


def _end(server: ServerProcess, dave: Browser, run_id: str, how: str) -> None:
    """Returns when the answer was told to end, and has had time to notice."""
    if how == "stop":
        assert dave.cancel(run_id).status_code == 202
        return
    server.tell_to_end()
    while httpx.get(f"{server.url}/readyz", trust_env=False).status_code == 200:
        pass
    for _ in range(5):
        httpx.get(f"{server.url}/readyz", trust_env=False)

"""A database that restarts in the middle of an answer: nothing is lost, nothing is doubled."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatplatform.lib.embedded_postgres import EmbeddedPostgres
from tests.support.browsing import Browser, items_of, message, refusal, text_of
from tests.support.environment import PROJECT
from tests.support.servers import ServerProcess


@pytest.fixture(scope="module")
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A database server that no other file of tests uses, with the demo in it.  Each test leaves it running."""
    homes = Path(f"/var/tmp/chatplatform-restarts-{os.getpid()}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chatplatform.lib.embedded_postgres._ROOT_HOMES", homes)
        postgres = EmbeddedPostgres(tmp_path_factory.mktemp("own-postgres"))
        postgres.start()
        environment = {**os.environ, "DATABASE_URL": postgres.url, "DEBUG": "true"}
        for command in ("migrate", "seed_demo"):
            subprocess.run([sys.executable, "manage.py", command, "-v", "0"], cwd=PROJECT, env=environment, check=True)
        yield postgres
        postgres.stop()
    subprocess.run(["rm", "-rf", str(homes)], check=True)


@pytest.fixture(scope="module")
def own_server(own_postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server on that database, whose assistant says a word every 10 ms."""
    server = ServerProcess(
        tmp_path_factory.mktemp("own-server") / "server.log",
        {
            "DATABASE_URL": own_postgres.url,
            "OFFLINE_WORD_DELAY_MS": "10",
            "CHAT_RUN_CHECKPOINT_SECONDS": "0.05",
            "CHAT_HEARTBEAT_SECONDS": "0.2",
        },
    )
    yield server.start()
    server.stop()


@pytest.fixture
def visitor(own_server: ServerProcess) -> Iterator[Browser]:
    """A visitor of Acme there."""
    browser = Browser(own_server).open()
    yield browser
    browser.close()


def test_an_answer_outlives_a_restart_of_its_database(own_postgres: EmbeddedPostgres, visitor: Browser) -> None:
    with visitor.saying("Tell me a story") as stream:
        stream.until(lambda _frame: len(stream.seen) > 20)
        own_postgres.stop()
        before = len(stream.seen)
        stream.until(lambda _frame: len(stream.seen) > before + 20)  # words need no database
        assert refusal(visitor.post("threads.list")) == (503, "unavailable")
        # All has been said, and waits to be stored.
        stream.until(lambda frame: frame.get("update", {}).get("type") == "assistant_message.content_part.done")
        stream.until(lambda frame: frame["type"] == ": ping")
        own_postgres.start()
        frames = stream.rest()
    (answer,) = items_of(frames, "assistant_message")
    assert answer["content"][0]["text"] == text_of(frames)
    assert "interrupted" not in answer
    assert [frame for frame in frames if frame["type"] == "error"] == []
    thread_id = frames[0]["thread"]["id"]
    assert visitor.items(thread_id) == items_of(frames)
    assert visitor.say("help", thread_id).text  # the lock was given back


def test_a_message_while_the_database_is_away_changes_nothing(own_postgres: EmbeddedPostgres, visitor: Browser) -> None:
    thread_id = visitor.say("help").thread_id
    before = visitor.items(thread_id)
    own_postgres.stop()
    params = {"thread_id": thread_id, "input": {"content": [], "attachments": [], "inference_options": {}}}
    assert refusal(visitor.post("threads.add_user_message", params)) == (503, "unavailable")
    readiness = visitor.http.get("/readyz")
    assert readiness.status_code == 503
    assert readiness.json()["checks"] == {
        "process": {"status": "ok"},
        "database": {"status": "failed"},
        "channel_layer": {"status": "ok"},
        "worker": {"status": "unknown"},
    }
    assert own_postgres.url not in readiness.text
    assert "chatplatform_queued_tasks NaN" in visitor.http.get("/metrics").text
    assert visitor.http.get("/healthz").status_code == 200
    own_postgres.start()
    assert visitor.items(thread_id) == before
    assert visitor.http.get("/readyz").status_code == 200


@pytest.fixture
def two_servers(own_postgres: EmbeddedPostgres, tmp_path: Path) -> Iterator[list[ServerProcess]]:
    """Servers on that database with a lease of a second, and an assistant that says ten words in one."""
    with contextlib.ExitStack() as until_it_ends:
        variables = {
            "DATABASE_URL": own_postgres.url,
            "OFFLINE_WORD_DELAY_MS": "100",
            "CHAT_RUN_LEASE_SECONDS": "1",
            "CHAT_RUN_CHECKPOINT_SECONDS": "0.05",
            "CHAT_HEARTBEAT_SECONDS": "0.2",
        }
        servers = [ServerProcess(tmp_path / f"{number}.log", variables) for number in range(2)]
        for server in servers:
            until_it_ends.callback(server.stop)
            server.start()
        yield servers


def test_a_database_that_is_away_for_longer_than_a_lease_makes_no_living_answer_lost(
    own_postgres: EmbeddedPostgres, two_servers: list[ServerProcess]
) -> None:
    """Neither for those who read it at another server, nor for the next message."""
    here, there = (Browser(server) for server in two_servers)
    with contextlib.closing(here), contextlib.closing(there):
        there.token = here.open().token
        with here.saying("Tell me a story") as stream:
            stream.until(lambda _frame: len(stream.seen) > 20)
            thread_id = stream.seen[0]["thread"]["id"]
            with there.attach(stream.run_id) as again:
                again.until(lambda frame: frame.get("item", {}).get("type") == "assistant_message")
                own_postgres.stop()
                before = len(stream.seen)
                stream.until(lambda _frame: len(stream.seen) > before + 30)  # three leases
                own_postgres.start()
                params = {"thread_id": thread_id, "input": message("Anybody there?")}
                refused = [there.post("threads.add_user_message", params) for _ in range(3)]
                whole = stream.rest()
                frames = again.rest()
        assert [refusal(response) for response in refused] == [(409, "run_in_progress")] * 3
        assert [frame for frame in frames if frame["type"] == "error"] == []
        assert items_of(frames)[-1] == items_of(whole)[-1]
        assert "interrupted" not in items_of(whole)[-1]
        assert there.items(thread_id) == items_of(whole)
        assert there.say("help", thread_id).text

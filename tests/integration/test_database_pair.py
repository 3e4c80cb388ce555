"""Two PostgreSQL addresses in DATABASE_URL: the primary is gone, its standby takes its place, and no setting changes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.browsing import Browser, items_of, refusal, text_of
from tests.support.database_pair import DatabasePair, running_pair
from tests.support.environment import PROJECT
from tests.support.servers import ServerProcess


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[DatabasePair]:
    """With the demo in it, written by commands that were given both addresses."""
    with running_pair(tmp_path) as running:
        environment = {**os.environ, "DATABASE_URL": running.url, "DEBUG": "true"}
        for command in ("migrate", "seed_demo"):
            subprocess.run([sys.executable, "manage.py", command, "-v", "0"], cwd=PROJECT, env=environment, check=True)
        yield running


@pytest.fixture
def server(pair: DatabasePair, tmp_path: Path) -> Iterator[ServerProcess]:
    settings = {
        "DATABASE_URL": pair.url,
        "OFFLINE_WORD_DELAY_MS": "20",
        "CHAT_RUN_CHECKPOINT_SECONDS": "0.05",
        "CHAT_HEARTBEAT_SECONDS": "0.2",
    }
    process = ServerProcess(tmp_path / "server.log", settings).start()
    yield process
    process.stop()


def test_the_standby_takes_over(pair: DatabasePair, server: ServerProcess, eventually: Callable[..., Any]) -> None:
    visitor = Browser(server).open()
    before = visitor.say("help")
    kept = visitor.items(before.thread_id)
    with visitor.saying("Tell me a story") as stream:
        stream.until(lambda _frame: len(stream.seen) > 20)
        pair.catch_up()
        pair.lose_primary()
        # Until there is a primary again, what is new is refused with a code that clients know.
        assert refusal(visitor.post("threads.list")) == (503, "unavailable")
        assert httpx.get(f"{server.url}/readyz").status_code == 503
        pair.promote()
        frames = stream.rest()
    # The answer went on meanwhile, and is stored whole in the database that was the standby.
    (answer,) = items_of(frames, "assistant_message")
    assert answer["content"][0]["text"] == text_of(frames)
    assert "interrupted" not in answer
    assert [frame for frame in frames if frame["type"] == "error"] == []
    eventually(lambda: httpx.get(f"{server.url}/readyz").status_code == 200, seconds=30)
    thread_id = frames[0]["thread"]["id"]
    assert visitor.items(thread_id) == items_of(frames)
    assert visitor.items(before.thread_id) == kept
    assert visitor.say("help", thread_id).text
    visitor.close()

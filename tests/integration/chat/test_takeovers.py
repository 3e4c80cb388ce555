"""Who answers in a thread: one process at a time, and the one that lives."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chat.models import Run, ThreadItem
from tenants.models import Usage
from tests.conftest import Browse, StartServer, quick
from tests.integration.chat.test_processes import LEASE, twin
from tests.integration.chat.test_waiting_writes import held
from tests.support import redis
from tests.support.browsing import items_of, message, refusal, text_of
from tests.support.cast import Cast
from tests.support.provider import Hold, Provider
from tests.support.servers import ServerProcess

Eventually = Callable[..., Any]
Two = tuple[ServerProcess, ServerProcess]


@pytest.fixture(params=["with Redis", "without Redis"])
def servers(
    request: pytest.FixtureRequest, start_server: StartServer, cast: Cast, provider: Provider, tmp_path: Path
) -> Iterator[Two]:
    with contextlib.ExitStack() as until_it_ends:
        shared = quick(provider) | LEASE | {"PROVIDER_TIMEOUT_SECONDS": "60"}
        if request.param == "with Redis":
            if redis.PROGRAM is None:
                pytest.skip("There is no redis-server on this machine.")
            shared["REDIS_URL"] = until_it_ends.enter_context(redis.running_redis(tmp_path))
        yield start_server(**shared), start_server(**shared)


@contextlib.contextmanager
def frozen(server: ServerProcess) -> Iterator[None]:
    """The process stands still meanwhile, as a machine that was suspended; it keeps all its connections."""
    os.killpg(server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(server.pid, signal.SIGCONT)


def test_a_process_that_was_frozen_finds_its_thread_taken_and_writes_nothing_more(
    servers: Two, browse: Browse, provider: Provider, cast: Cast, eventually: Eventually
) -> None:
    freezing, living = servers
    dave = browse(server=freezing).open("model")
    there = twin(browse, dave, living)
    there.ask("threads.list")  # from now on it looks for silent processes
    hold, late = Hold(), Hold()
    provider.will_say("One", hold, " two", late, " three")
    provider.will_say("Here I am.")
    with dave.saying("count") as stream:
        stream.until_text("One")
        thread_id = stream.seen[0]["thread"]["id"]
        eventually(lambda: len(there.items(thread_id)) == 2)  # its checkpoint is stored
        params = {"thread_id": thread_id, "input": message("Anybody there?")}
        with frozen(freezing):
            hold.release()
            assert refusal(there.post("threads.add_user_message", params)) == (409, "run_in_progress")
            eventually(
                lambda: "x-chatkit-run-id" not in there.post("threads.get_by_id", {"thread_id": thread_id}).headers
            )
            second = there.say("Anybody there?", thread_id)
        late.wait_until_hung_up()  # nobody pays for words that nobody keeps
        frames = stream.rest()
    # Its reader is told, and sees in the end what is stored.
    (answer,) = items_of(frames, "assistant_message")
    assert (answer["content"][0]["text"], answer["interrupted"]) == ("One", "lost")
    assert frames[-1]["platform_code"] == "run_superseded"
    assert [item["content"][0]["text"] for item in there.items(thread_id)] == [
        "count",
        "One",
        "Anybody there?",
        "Here I am.",
    ]
    assert there.items(thread_id)[1] == answer
    runs = {run.public_id: run for run in Run.objects.for_tenant(cast.acme)}
    assert {run_id: run.state for run_id, run in runs.items()} == {stream.run_id: "lost", second.run_id: "completed"}
    # What each of them used is counted once, and says the same of how it ended.
    used = [(row.run, row.outcome) for row in Usage.objects.for_tenant(cast.acme).order_by("run")]
    assert used == sorted((run_id, run.state) for run_id, run in runs.items())


def test_a_database_that_hangs_for_longer_than_a_lease_costs_nobody_an_answer(
    servers: Two, browse: Browse, provider: Provider, cast: Cast
) -> None:
    """Its producer cannot renew the lease meanwhile, and that says nothing about the producer."""
    dave = browse(server=servers[0]).open("model")
    there = twin(browse, dave, servers[1])
    there.ask("threads.list")
    hold = Hold()
    provider.will_say("One", hold, " two")
    with dave.saying("count") as stream:
        stream.until_text("One")
        thread_id = stream.seen[0]["thread"]["id"]
        with there.attach(stream.run_id) as again:
            again.until(lambda frame: frame["type"] == "thread.item.added" or "item" in frame)
            with held("chat_run"):
                for _ in range(20):  # of 0.2 seconds: twice a lease
                    stream.until(lambda frame: frame["type"] == ": ping")
            params = {"thread_id": thread_id, "input": message("Anybody there?")}
            assert refusal(there.post("threads.add_user_message", params)) == (409, "run_in_progress")
            hold.release()
            whole = stream.rest()
            frames = again.rest()
    assert text_of(whole) == "One two"
    assert [frame for frame in frames if frame["type"] == "error"] == []
    assert items_of(frames)[-1] == items_of(whole)[-1]
    assert Run.objects.for_tenant(cast.acme).get().state == "completed"
    assert ThreadItem.objects.for_tenant(cast.acme).count() == 2

"""How often somebody may do something: 429 with the time to wait, each tenant and person on their own account."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Browse, StartServer, quick
from tests.support import redis
from tests.support.answers import Hold
from tests.support.browsing import message, refusal, text_of
from tests.support.cast import Cast
from tests.support.provider import Provider


def assert_limited(response: httpx.Response) -> None:
    assert refusal(response) == (429, "rate_limited")
    assert 1 <= int(response.headers["retry-after"]) <= 60


TWO_MESSAGES = {"CHAT_RATE_LIMIT": "2/minute", "OFFLINE_WORD_DELAY_MS": "0"}


def test_messages_are_limited_for_each_person(server_with: StartServer, browse: Browse, cast: Cast) -> None:
    server = server_with(**TWO_MESSAGES)
    dave, alice = browse(server=server).open(), browse(cast.alice, server=server).open()
    turn = dave.say("One")
    dave.say("Two", turn.thread_id)
    assert_limited(dave.post("threads.create", {"input": message("Three")}))
    assert_limited(dave.post("threads.add_user_message", {"thread_id": turn.thread_id, "input": message("Three")}))
    retry = {"thread_id": turn.thread_id, "item_id": turn.question["id"]}
    assert_limited(dave.post("threads.retry_after_item", retry))
    assert len(dave.items(turn.thread_id)) == 4  # reading goes on, and nothing was changed
    dave.open()
    assert_limited(dave.post("threads.create", {"input": message("Three")}))  # a new session is no new person
    alice.say("One")


def test_what_was_refused_before_costs_nothing(server_with: StartServer, browse: Browse, cast: Cast) -> None:
    dave = browse(server=server_with(**TWO_MESSAGES)).open()
    for _ in range(3):
        assert refusal(dave.post("threads.create", {"input": message("")}))[0] == 400
    dave.say("One")
    dave.say("Two")


def test_answers_that_one_person_reads_at_once_are_limited(
    server_with: StartServer, browse: Browse, provider: Provider, *, cast: Cast, eventually: Callable[..., Any]
) -> None:
    server = server_with(**quick(provider), CHAT_STREAMS_AT_ONCE="2")
    hold = Hold()
    provider.will_say("One", hold, " two")
    dave, tab, third = (browse(server=server) for _ in range(3))
    dave.open("model")
    tab.token = third.token = dave.token
    one_more = {"input": message("Three")}
    with dave.saying("count") as stream:
        stream.until_text("One")
        with tab.attach(stream.run_id) as second:
            second.until_text("One")
            again = third.http.get(f"/api/chatkit/runs/{stream.run_id}/events?tenant=acme")
            for refused in (third.post("threads.create", one_more), again):
                assert refusal(refused) == (429, "too_many_streams")
                assert refused.headers["retry-after"] == "5"
            assert len(third.ask("threads.list")["data"]) == 1, "what was refused is not stored"
            browse(cast.alice, server=server).open("model").say("One")
        eventually(lambda: third.post("threads.create", one_more).status_code == 200)  # the second has left
        hold.release()
        assert text_of(stream.rest()) == "One two"


def test_new_sessions_are_limited_for_each_address(start_server: StartServer, browse: Browse, cast: Cast) -> None:
    server = start_server(CHAT_SESSION_RATE_LIMIT="3/minute")
    dave = browse(server=server)
    for _ in range(3):
        dave.open()
    for body in ({}, {"credential": "client_secret"}, {"tenant": "globex"}, {"tenant": "nobody"}):
        assert_limited(browse(server=server).mint(**body))
    for _ in range(3):
        assert dave.refresh().status_code == 200
    assert_limited(dave.refresh())  # each leaves a row behind
    assert dave.post("threads.list").status_code == 200  # the session goes on


@pytest.mark.parametrize(("proxies", "passes"), [("0", False), ("2", True)])
def test_an_address_that_the_client_wrote_itself_is_not_believed(
    start_server: StartServer, browse: Browse, cast: Cast, proxies: str, passes: bool
) -> None:
    server = start_server(CHAT_SESSION_RATE_LIMIT="1/minute", TRUSTED_PROXY_COUNT=proxies)
    dave = browse(server=server)
    answers = []
    for number in range(2):
        dave.http.headers["X-Forwarded-For"] = f"10.0.0.{number}, 192.0.2.1"
        answers.append(dave.mint().status_code)
    assert answers == [201, 201 if passes else 429]


@pytest.mark.skipif(redis.PROGRAM is None, reason="There is no redis-server on this machine.")
def test_with_redis_processes_count_together_and_without_it_each_for_itself(
    start_server: StartServer, browse: Browse, cast: Cast, tmp_path: Path
) -> None:
    with redis.running_redis(tmp_path) as address:
        limits = {"CHAT_SESSION_RATE_LIMIT": "2/minute", "REDIS_URL": address}
        here, there = start_server(**limits), start_server(**limits)
        browse(server=here).open()
        browse(server=there).open()
        for server in (here, there):
            assert_limited(browse(server=server).mint())
    for server in (here, there):
        browse(server=server).open()
        browse(server=server).open()
        assert_limited(browse(server=server).mint())

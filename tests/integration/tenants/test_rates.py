"""How often somebody may do something: 429 with the time to wait, each tenant and person on their own account."""

from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Browse, StartServer, quick
from tests.support import redis
from tests.support.answers import Hold
from tests.support.browsing import Browser, message, refusal, text_of
from tests.support.cast import Cast
from tests.support.hosts import site_of
from tests.support.provider import Provider


def assert_limited(response: httpx.Response, within: int = 60) -> None:
    assert refusal(response) == (429, "rate_limited")
    assert 1 <= int(response.headers["retry-after"]) <= within


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


ADDRESS_LIMIT = {"CHAT_ADDRESS_RATE_LIMIT": "5/hour", "OFFLINE_WORD_DELAY_MS": "0", "TRUSTED_PROXY_COUNT": "1"}


def from_address(browser: Browser, address: str) -> Browser:
    """As the proxy before the server says."""
    browser.http.headers["X-Forwarded-For"] = f"203.0.113.9, {address}"
    return browser


def accepted(browsers: Iterable[Browser]) -> int:
    """How many of them may send a message, each in a session of its own."""
    answers = [browser.open().post("threads.create", {"input": message("Hello")}) for browser in browsers]
    assert {answer.status_code for answer in answers} <= {200, 429}
    return [answer.status_code for answer in answers].count(200)


def test_a_hundred_sessions_of_one_address_get_no_more_messages_than_one(
    server_with: StartServer, browse: Browse, cast: Cast
) -> None:
    server = server_with(**ADDRESS_LIMIT)

    def visitors(number: int, address: str) -> list[Browser]:
        return [from_address(browse(server=server), address) for _ in range(number)]

    assert accepted(visitors(100, "192.0.2.1")) == 5
    assert_limited(visitors(1, "192.0.2.1")[0].open().post("threads.create", {"input": message("Hello")}), within=3600)
    # One IPv6 network is one client, whatever address of it is written.
    assert accepted(from_address(browse(server=server), f"2001:db8:0:1::{number:x}") for number in range(1, 9)) == 5
    # Another address, another network, and members behind the first one are not counted there.
    assert accepted(visitors(1, "192.0.2.2")) == 1
    assert accepted(visitors(1, "2001:db8:0:2::1")) == 1
    alice = from_address(browse(cast.alice, server=server), "192.0.2.1")
    assert accepted([alice] * 7) == 7


def test_what_everybody_sends_in_one_embed_is_limited(server_with: StartServer, browse: Browse, cast: Cast) -> None:
    server = server_with(CHAT_EMBED_RATE_LIMIT="3/hour", OFFLINE_WORD_DELAY_MS="0", TRUSTED_PROXY_COUNT="1")
    first, second = site_of(cast.guide, key_id="one"), site_of(cast.guide, key_id="two")

    def send(number: int, embed: str) -> int:
        visitor = from_address(browse(server=server), f"192.0.2.{number}")
        body = {"embed": embed, "credential": "client_secret"}
        visitor.bearer = visitor.http.post("/api/chatkit/session", json=body).json()["client_secret"]
        return visitor.post("threads.create", {"input": message("Hello")}).status_code

    assert [send(number, first.id) for number in range(5)] == [200, 200, 200, 429, 429]
    assert send(9, second.id) == 200


NOBODYS = {kind: f"{kind}_{'0' * 32}" for kind in ("thr", "msg", "run", "atc")}
OTHERS: dict[str, Callable[[Browser], httpx.Response]] = {
    "rename": lambda who: who.post("threads.update", {"thread_id": NOBODYS["thr"], "title": "Title"}),
    "delete": lambda who: who.post("threads.delete", {"thread_id": NOBODYS["thr"]}),
    "judge": lambda who: who.post(
        "items.feedback", {"thread_id": NOBODYS["thr"], "item_ids": [NOBODYS["msg"]], "kind": "positive"}
    ),
    "stop": lambda who: who.cancel(NOBODYS["run"]),
    "delete a file": lambda who: who.post("attachments.delete", {"attachment_id": NOBODYS["atc"]}),
    "announce": lambda who: who.post("attachments.create", {"name": "a.png", "size": 100, "mime_type": "image/png"}),
    "upload": lambda who: who.upload_response("a.txt", b"Words"),
    "search": lambda who: who.http.get("/api/chatkit/entities?q=a&tenant=acme"),
}
_addresses = count(1)


@pytest.mark.parametrize("what", OTHERS)
@pytest.mark.parametrize(
    "settings_of",
    [
        ("CHAT_CHANGE_RATE_LIMIT", "CHAT_UPLOAD_RATE_LIMIT", "CHAT_SEARCH_RATE_LIMIT"),
        ("CHAT_ADDRESS_RATE_LIMIT", "CHAT_ADDRESS_SEARCH_RATE_LIMIT"),
    ],
    ids=["person", "address"],
)
def test_everything_else_is_limited_for_each_person_and_each_address(
    server_with: StartServer, browse: Browse, cast: Cast, what: str, settings_of: tuple[str, ...]
) -> None:
    server = server_with(**dict.fromkeys(settings_of, "2/hour"), TRUSTED_PROXY_COUNT="1")
    # The server lives on, and counts for all of these tests.
    address = f"198.51.100.{next(_addresses)}"
    people = [from_address(browse(server=server), address).open() for _ in range(3)]
    if "CHAT_CHANGE_RATE_LIMIT" in settings_of:
        people[1:] = [people[0]] * 2
    refused = [OTHERS[what](who).status_code == 429 for who in people]
    assert refused == [False, False, True]


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

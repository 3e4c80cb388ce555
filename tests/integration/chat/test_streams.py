"""The stream of an answer: headers, heartbeat, and whoever leaves in the middle."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import message, refusal, text_of
from tests.support.cast import Cast
from tests.support.provider import Hold, Provider
from tests.support.servers import Kind

Eventually = Callable[..., Any]


def test_it_has_the_headers_that_keep_a_stream_a_stream(browse: Browse) -> None:
    with browse().open().saying("hello") as stream:
        headers = stream.response.headers
        stream.rest()
    assert headers["content-type"] == "text/event-stream"
    assert headers["cache-control"] == "no-cache, no-transform"
    assert headers["x-accel-buffering"] == "no"
    assert headers["x-content-type-options"] == "nosniff"
    assert "content-encoding" not in headers
    assert "content-length" not in headers
    assert headers["x-request-id"].startswith("req_")


def test_json_answers_are_not_kept_by_anybody(browse: Browse) -> None:
    response = browse().open().post("threads.list")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-type"] == "application/json"
    assert "cookie" in response.headers["vary"].lower()


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_trap_31_each_word_comes_when_it_is_said(
    server_with: StartServer, browse: Browse, provider: Provider, cast: Cast, kind: str
) -> None:
    """Not when the answer is complete; with every server program."""
    hold = Hold()
    provider.will_say("One", hold, " two")
    dave = browse(server=server_with(kind=kind, **quick(provider))).open("model")
    with dave.saying("count") as stream:
        stream.until_text("One")
        hold.wait_until_reached()
        hold.release()
        stream.rest()
    assert text_of(stream.seen) == "One two"


def test_trap_34_a_silent_stream_says_that_it_lives(browse: Browse, provider: Provider) -> None:
    hold = Hold()
    provider.will_say("One", hold, " two")
    with browse().open("model").saying("count") as stream:
        stream.until_text("One")
        for _ in range(3):
            stream.until(lambda frame: frame["type"] == ": ping")
        hold.release()
        stream.rest()
    assert stream.pings >= 3
    assert text_of(stream.seen) == "One two"


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_trap_06_who_leaves_while_the_model_thinks_costs_nothing(
    server_with: StartServer, browse: Browse, provider: Provider, eventually: Eventually, kind: Kind
) -> None:
    """Some servers cancel a request, and cancel again what would save the rest."""
    dave = browse(server=server_with(**quick(provider), kind=kind)).open("model")
    hold = Hold()
    provider.will_say("One", hold, " two")
    with dave.saying("count") as stream:
        stream.until_text("One")
        thread_id = stream.seen[0]["thread"]["id"]
    hold.release()
    eventually(lambda: "x-chatkit-run-id" not in dave.post("threads.get_by_id", {"thread_id": thread_id}).headers)
    _question, answer = dave.items(thread_id)
    assert (answer["content"][0]["text"], answer.get("interrupted")) == ("One two", None)
    dave.say("and?", thread_id)
    assert "stopped this answer" not in str(provider.requests[-1]["messages"])


def test_trap_08_who_leaves_does_not_stop_the_answer(browse: Browse, provider: Provider) -> None:
    hold = Hold()
    provider.will_say("One", hold, " two")
    dave = browse().open("model")
    with dave.saying("count") as stream:
        stream.until_text("One")
        run_id = stream.run_id
    hold.wait_until_reached()
    hold.release()
    with dave.attach(run_id) as again:
        again.rest()
    thread_id = dave.ask("threads.list")["data"][0]["id"]
    answer = dave.items(thread_id)[-1]
    assert answer["content"][0]["text"] == "One two"
    assert "interrupted" not in answer


def test_trap_07_who_does_not_read_does_not_stop_the_answer(browse: Browse, provider: Provider) -> None:
    """The connection stands, but its buffers are full: the server cannot send, and the answer is written all the same."""
    provider.will_say(*["x" * 50_000] * 100, " end")
    dave = browse().open("model")
    with dave.saying("much") as stream:
        stream.until_text("x")
        thread_id = stream.seen[0]["thread"]["id"]
        other = browse()
        other.token = dave.token

        def is_written() -> bool:
            items = other.items(thread_id)
            return len(items) == 2 and items[1]["content"][0]["text"].endswith(" end")

        with other.attach(stream.run_id) as second:
            second.rest()
        assert is_written()


def test_a_message_while_an_answer_is_written_is_refused(browse: Browse, provider: Provider) -> None:
    hold = Hold()
    provider.will_say("One", hold)
    dave = browse().open("model")
    with dave.saying("count") as stream:
        stream.until_text("One")
        thread_id = stream.seen[0]["thread"]["id"]
        tab = browse()
        tab.token = dave.token
        params = {"thread_id": thread_id, "input": message("me too")}
        assert refusal(tab.post("threads.add_user_message", params)) == (409, "run_in_progress")
        retry = {"thread_id": thread_id, "item_id": stream.seen[1]["item"]["id"]}
        assert refusal(tab.post("threads.retry_after_item", retry)) == (409, "run_in_progress")
        elsewhere = tab.say("Elsewhere")
        assert elsewhere.text == "You said: Elsewhere"
        hold.release()
        stream.rest()
    assert [item["type"] for item in dave.items(thread_id)] == ["user_message", "assistant_message"]
    assert dave.say("now", thread_id).text == "You said: now"


def test_trap_16_a_rename_while_an_answer_is_written_stays(browse: Browse, provider: Provider) -> None:
    hold = Hold()
    provider.will_say("One", hold)
    dave = browse().open("model")
    with dave.saying("count") as stream:
        stream.until_text("One")
        thread_id = stream.seen[0]["thread"]["id"]
        tab = browse()
        tab.token = dave.token
        tab.ask("threads.update", {"thread_id": thread_id, "title": "Renamed"})
        hold.release()
        stream.rest()
    assert dave.ask("threads.get_by_id", {"thread_id": thread_id})["title"] == "Renamed"


def test_a_thread_deleted_while_an_answer_is_written_ends_the_answer(browse: Browse, provider: Provider) -> None:
    hold = Hold()
    provider.will_say("One", hold, " two")
    dave = browse().open("model")
    with dave.saying("count") as stream:
        stream.until_text("One")
        thread_id = stream.seen[0]["thread"]["id"]
        tab = browse()
        tab.token = dave.token
        assert tab.ask("threads.delete", {"thread_id": thread_id}) == {}
        hold.wait_until_hung_up()
        stream.rest()
    assert " two" not in text_of(stream.seen)
    assert dave.ask("threads.list")["data"] == []


def test_many_answers_are_written_side_by_side(browse: Browse, provider: Provider) -> None:
    holds = [Hold() for _ in range(8)]
    with contextlib.ExitStack() as open_streams:
        streams = []
        for hold in holds:
            provider.will_say("One", hold, " two")
            stream = open_streams.enter_context(browse().open("model").saying("count"))
            stream.until_text("One")
            streams.append(stream)
        for hold in reversed(holds):
            hold.release()
        assert [text_of(stream.rest()) for stream in streams] == ["One two"] * 8

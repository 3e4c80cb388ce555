"""A process that is told to end brings its answers to an end first."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from chat.models import Run
from tests.conftest import Browse, StartServer, quick
from tests.integration.chat.test_processes import twin
from tests.support.browsing import items_of, message, refusal, text_of
from tests.support.cast import Cast
from tests.support.provider import Hold, Provider
from tests.support.servers import Kind, ServerProcess

Eventually = Callable[..., Any]


def is_ready(server: ServerProcess) -> int:
    return httpx.get(f"{server.url}/readyz", trust_env=False).status_code


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_an_answer_is_finished_before_its_process_ends(
    start_server: StartServer,
    other_chat_server: ServerProcess,
    browse: Browse,
    provider: Provider,
    *,
    eventually: Eventually,
    cast: Cast,
    kind: Kind,
) -> None:
    ending = start_server(**quick(provider), kind=kind)
    dave = browse(server=ending).open("model")
    hold = Hold()
    provider.will_say("One", hold, " two")
    with dave.saying("count") as stream:
        stream.until_text("One")
        assert is_ready(ending) == 200
        ending.tell_to_end()
        eventually(lambda: is_ready(ending) == 503)
        assert refusal(dave.post("threads.create", {"input": message("me too")})) == (503, "shutting_down")
        assert [thread["title"] for thread in dave.ask("threads.list")["data"]] == ["count"]  # the rest is served
        hold.release()
        assert text_of(stream.rest()) == "One two"
    ending.wait()
    assert Run.objects.for_tenant(cast.acme).get(public_id=stream.run_id).state == "completed"
    assert dave_elsewhere(browse, dave, other_chat_server) == ["count", "One two"]


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_an_answer_that_takes_too_long_is_kept_as_far_as_it_came(
    start_server: StartServer, server_with: StartServer, browse: Browse, provider: Provider, *, cast: Cast, kind: Kind
) -> None:
    lasting = quick(provider) | {"CHAT_RUN_LEASE_SECONDS": "600"}
    ending, other = start_server(**lasting, CHAT_DRAIN_SECONDS="0.3", kind=kind), server_with(**lasting)
    dave = browse(server=ending).open("model")
    provider.will_say("One", Hold())
    with dave.saying("count") as stream:
        stream.until_text("One")
        ending.tell_to_end()
        frames = stream.rest()
    ending.wait()
    (answer,) = items_of(frames, "assistant_message")
    assert (answer["content"][0]["text"], answer["interrupted"]) == ("One", "lost")
    assert frames[-1]["platform_code"] == "run_lost"
    run = Run.objects.for_tenant(cast.acme).get(public_id=stream.run_id)
    assert (run.state, run.error_code) == ("lost", "run_lost")
    # Its thread is free at once, long before a lease of ten minutes has run out.
    elsewhere = twin(browse, dave, other)
    assert elsewhere.say("go on", stream.seen[0]["thread"]["id"]).text == "You said: go on"


def test_who_does_not_want_to_wait_says_so_twice(
    start_server: StartServer, browse: Browse, provider: Provider, eventually: Eventually, cast: Cast
) -> None:
    ending = start_server(**quick(provider))
    dave = browse(server=ending).open("model")
    provider.will_say("One", Hold())
    with dave.saying("count") as stream:
        stream.until_text("One")
        ending.tell_to_end()
        eventually(lambda: is_ready(ending) == 503)
        ending.tell_to_end()
        ending.wait()
    assert Run.objects.for_tenant(cast.acme).get(public_id=stream.run_id).state == "running"  # until its lease is out


def dave_elsewhere(browse: Browse, dave: Any, server: ServerProcess) -> list[str]:
    """The texts of his only thread, as another process shows them."""
    there = twin(browse, dave, server)
    (thread,) = there.ask("threads.list")["data"]
    return [item["content"][0]["text"] for item in there.items(thread["id"])]

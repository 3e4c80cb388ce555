"""Attempts, limits of time, and the next provider when one cannot answer."""

from collections.abc import Iterator

import pytest

from chatplatform.lib.problems.api import ERRORS
from tenants.models import AssistantVersion
from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import Browser, Turn
from tests.support.cast import Cast, assistant_of
from tests.support.provider import Cut, Hold, Provider, Refuse, Step, Vanish

OPENAI_COMPATIBLE = AssistantVersion.Provider.OPENAI_COMPATIBLE


@pytest.fixture(scope="module")
def _other() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.stop()


@pytest.fixture
def other(_other: Provider) -> Iterator[Provider]:
    """The provider that stands behind the first."""
    yield _other
    _other.reset()


@pytest.fixture
def erin(server_with: StartServer, browse: Browse, cast: Cast, provider: Provider, other: Provider) -> Browser:
    """Talks to an assistant with two providers."""
    server = server_with(**quick(provider), GROQ_BASE_URL=other.url, GROQ_API_KEY="sk-of-the-other")
    fallbacks = [{"provider": "mistral"}, {"provider": "groq", "model": "second-1"}]  # the first of them has no key
    assistant_of(cast.acme, "pair", provider=OPENAI_COMPATIBLE, fallbacks=fallbacks, tools=[])
    return browse(server=server).open("pair")


def error_of(turn: Turn) -> str:
    error = turn.frames[-1]
    assert error["type"] == "error", turn.frames
    assert error["allow_retry"] is ERRORS[error["platform_code"]].may_pass
    return str(error["platform_code"])


@pytest.mark.parametrize(
    "refusals", [[Refuse(503)] * 3, [Refuse(429)] * 3, [Refuse(401)], [Cut()] * 3], ids=["503", "429", "401", "cut"]
)
def test_the_next_provider_answers(erin: Browser, provider: Provider, other: Provider, refusals: list[Step]) -> None:
    for refusal in refusals:
        provider.will_say(refusal)
    turn = erin.say("hello")
    assert turn.text == "You said: hello"
    assert len(provider.requests) == len(refusals)
    assert [request["model"] for request in other.requests] == ["second-1"]
    assert other.keys == ["Bearer sk-of-the-other"]
    assert [frame for frame in turn.frames if frame["type"] == "error"] == []


def test_the_next_provider_answers_when_the_first_is_down(erin: Browser, provider: Provider) -> None:
    with provider.down():
        assert erin.say("hello").text == "You said: hello"


def test_nothing_is_asked_twice_once_a_word_was_said(erin: Browser, provider: Provider, other: Provider) -> None:
    provider.will_say("One", Cut())
    assert error_of(erin.say("count")) == "provider_unreachable"
    assert len(provider.requests) == 1
    assert other.requests == []


def test_the_last_failure_is_the_one_that_is_explained(erin: Browser, provider: Provider, other: Provider) -> None:
    provider.will_say(Refuse(401))
    for _ in range(3):
        other.will_say(Refuse(429))
    assert error_of(erin.say("hello")) == "provider_busy"


def test_a_stream_that_broke_before_its_first_word_is_tried_again(browse: Browse, provider: Provider) -> None:
    provider.will_say(Cut())
    provider.will_say(Vanish())
    provider.will_say("Here I am.")
    turn = browse().open("model").say("hello")
    assert turn.text == "Here I am."
    assert len([frame for frame in turn.frames if frame["type"] == "thread.item.added"]) == 1


@pytest.mark.parametrize("wire_api", ["chat_completions", "responses"])
def test_a_stream_that_ends_before_its_answer_is_no_answer(
    server_with: StartServer, browse: Browse, cast: Cast, provider: Provider, wire_api: str
) -> None:
    """The connection closes as it should; a proxy or a crashed worker does that."""
    dave = browse(server=server_with(**quick(provider), PROVIDER_WIRE_API=wire_api)).open("model")
    provider.will_say("One", " two", Vanish())
    turn = dave.say("count")
    assert error_of(turn) == "provider_incomplete"
    (_, answer) = dave.items(turn.thread_id)
    assert (answer["content"][0]["text"], answer["interrupted"]) == ("One two", "error")


def test_a_model_that_does_not_begin_is_given_up(
    start_server: StartServer, browse: Browse, cast: Cast, provider: Provider
) -> None:
    dave = browse(server=start_server(**quick(provider), PROVIDER_FIRST_TOKEN_SECONDS="0.3")).open("model")
    silence = Hold()
    provider.will_say(silence, "too late")
    assert error_of(dave.say("hello")) == "provider_timeout"
    silence.wait_until_hung_up()


def test_a_quota_that_is_used_up_is_no_reason_to_wait(browse: Browse, cast: Cast, provider: Provider) -> None:
    for _ in range(3):
        provider.will_say(Refuse(429, "insufficient_quota"))
    turn = browse().open("model").say("hello")
    assert error_of(turn) == "provider_refused"
    assert turn.frames[-1]["allow_retry"] is False


def test_options_of_the_version_reach_the_model(browse: Browse, cast: Cast, provider: Provider) -> None:
    options = {"temperature": 0.5, "max_tokens": 50, "reasoning_effort": "low"}
    assistant_of(cast.acme, "exact", provider=OPENAI_COMPATIBLE, model_options=options)
    browse().open("exact").say("hello")
    (request,) = provider.requests
    assert (request["temperature"], request["max_tokens"], request["reasoning_effort"]) == (0.5, 50, "low")
    assert request["stream_options"] == {"include_usage": True}


def test_neither_words_nor_keys_are_logged(
    start_server: StartServer, browse: Browse, cast: Cast, provider: Provider
) -> None:
    server = start_server(**quick(provider), LOG_LEVEL="debug", may_log_tracebacks=True)
    dave = browse(server=server).open("model")
    for _ in range(3):
        provider.will_say(Refuse(500))
    turn = dave.say("SECRET-of-dave")
    assert error_of(turn) == "provider_unreachable"
    dave.say("SECRET-of-dave", turn.thread_id)
    assert "provider openai_compatible did not answer: provider_unreachable" in server.log
    assert "SECRET-of-dave" not in server.log
    assert "sk-provider-secret" not in server.log

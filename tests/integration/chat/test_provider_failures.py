"""A provider that fails: a documented error for the user, and nothing lost that was said."""

import pytest

from chat.models import Run
from chatplatform.lib.problems.api import ERRORS
from tenants.models import AssistantVersion
from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import Browser, Turn, items_of
from tests.support.cast import Cast, assistant_of
from tests.support.provider import Cut, Hold, Provider, Refuse


@pytest.fixture
def dave(browse: Browse) -> Browser:
    return browse().open("model")


def error_of(turn: Turn, cast: Cast) -> str:
    """The code of the only error, which is the last that the user sees and what is kept with the run."""
    (error,) = [frame for frame in turn.frames if frame["type"] == "error"]
    assert turn.frames[-1] == error
    code = str(error["platform_code"])
    assert error == {
        "type": "error",
        "code": "custom",
        "message": ERRORS[code].message,
        "allow_retry": ERRORS[code].may_pass,
        "platform_code": code,
    }
    run = Run.objects.for_tenant(cast.acme).get(public_id=turn.run_id)
    assert (run.state, run.error_code) == ("failed", code)
    assert "sk-provider-secret" not in str(turn.frames)
    return code


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "provider_refused"),
        (403, "provider_refused"),
        (404, "provider_refused"),
        (400, "provider_refused"),
        (429, "provider_busy"),
        (500, "provider_unreachable"),
        (503, "provider_unreachable"),
    ],
)
def test_a_refusal_is_explained(dave: Browser, provider: Provider, cast: Cast, status: int, code: str) -> None:
    for _ in range(3):  # as often as the client tries
        provider.will_say(Refuse(status))
    turn = dave.say("hello")
    assert error_of(turn, cast) == code
    assert dave.items(turn.thread_id) == [turn.question]
    provider.reset()
    assert dave.say("again", turn.thread_id).text == "You said: again"


def test_a_refusal_that_passes_is_not_seen(dave: Browser, provider: Provider) -> None:
    provider.will_say(Refuse(503))
    provider.will_say("Here I am.")
    assert dave.say("hello").text == "Here I am."


def test_a_provider_that_is_down_is_explained(dave: Browser, provider: Provider, cast: Cast) -> None:
    with provider.down():
        turn = dave.say("hello")
    assert error_of(turn, cast) == "provider_unreachable"
    assert dave.say("again", turn.thread_id).text == "You said: again"


def test_trap_09_what_was_said_before_the_line_broke_is_kept_and_marked(
    dave: Browser, provider: Provider, cast: Cast
) -> None:
    provider.will_say("One", " two", Cut())
    turn = dave.say("count")
    assert error_of(turn, cast) == "provider_unreachable"
    (answer,) = items_of(turn.frames, "assistant_message")
    assert (answer["content"][0]["text"], answer["interrupted"]) == ("One two", "error")
    assert dave.items(turn.thread_id) == [turn.question, answer]


def test_trap_09_an_answer_that_broke_before_its_first_word_leaves_nothing(
    dave: Browser, provider: Provider, cast: Cast
) -> None:
    for _ in range(3):  # as often as it is tried
        provider.will_say(Cut())
    turn = dave.say("count")
    assert error_of(turn, cast) == "provider_unreachable"
    assert dave.items(turn.thread_id) == [turn.question]
    added = [frame["item"]["id"] for frame in turn.frames if frame["type"] == "thread.item.added"]
    assert added == [frame["item_id"] for frame in turn.frames if frame["type"] == "thread.item.removed"]


def test_a_provider_that_falls_silent_is_given_up(
    start_server: StartServer, browse: Browse, provider: Provider, cast: Cast
) -> None:
    provider.will_say("One", Hold())
    server = start_server(**quick(provider) | {"PROVIDER_TIMEOUT_SECONDS": "0.3"})
    dave = browse(server=server).open("model")
    turn = dave.say("count")
    assert error_of(turn, cast) in ("provider_timeout", "provider_unreachable")
    assert dave.items(turn.thread_id)[-1]["interrupted"] == "error"


def test_an_assistant_without_a_provider_says_so(browse: Browse, cast: Cast) -> None:
    assistant_of(cast.acme, "mute", provider="groq", model="llama")  # nobody has a key for it
    assert error_of(browse().open("mute").say("hello"), cast) == "assistant_unavailable"


def test_an_assistant_without_a_published_version_says_so(browse: Browse, cast: Cast) -> None:
    draft = assistant_of(cast.acme, "draft")
    draft.published_version = None
    draft.save()
    assert error_of(browse().open("draft").say("hello"), cast) == "assistant_unavailable"


def test_a_provider_may_speak_the_responses_api(
    server_with: StartServer, browse: Browse, cast: Cast, provider: Provider
) -> None:
    dave = browse(server=server_with(**quick(provider), PROVIDER_WIRE_API="responses")).open("model")
    first = dave.say("One")
    second = dave.say("Two", first.thread_id)
    assert (first.text, second.text) == ("You said: One", "You said: Two")
    assert first.answer["id"] != second.answer["id"]
    assert [each["role"] for each in provider.requests[-1]["input"]] == ["user", "assistant", "user"]
    assert provider.requests[-1]["instructions"] == "You are model."


def test_the_model_of_the_version_is_asked(browse: Browse, cast: Cast, provider: Provider) -> None:
    kind = AssistantVersion.Provider.OPENAI_COMPATIBLE
    assistant_of(cast.acme, "large", provider=kind, model="large-1", instructions="", tools=[])
    browse().open("large").say("hello")
    (request,) = provider.requests
    assert request["model"] == "large-1"
    assert [each["role"] for each in request["messages"]] == ["user"]
    assert not request.get("tools")


@pytest.mark.parametrize("pieces", [("\ud83d", "\ude00"), ("a\ud83d", "b"), ("x\0y", ""), ("\u2028", "\x7f")])
def test_text_that_is_no_text_does_not_break_the_answer(
    dave: Browser, provider: Provider, pieces: tuple[str, str]
) -> None:
    """Some providers cut an emoji in two halves."""
    provider.will_say("Before ", *pieces, " after")
    turn = dave.say("emoji")
    assert [frame for frame in turn.frames if frame["type"] == "error"] == []
    stored = dave.items(turn.thread_id)[-1]["content"][0]["text"]
    assert stored.startswith("Before ")
    assert stored.endswith(" after")
    if pieces == ("\ud83d", "\ude00"):
        assert stored == "Before \U0001f600 after"

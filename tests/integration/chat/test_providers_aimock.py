"""The providers of the registry against a provider of somebody else's making, over real HTTP."""

import pytest

from chat.agents.providers.registry import PROVIDERS
from chatplatform.lib.problems.api import ERRORS
from tenants.models import Usage
from tests.conftest import Browse, StartServer, quick
from tests.support.aimock import AiMock
from tests.support.browsing import Browser, Turn, items_of
from tests.support.cast import Cast, assistant_of
from tests.support.provider import Provider
from tests.support.servers import ServerProcess

HELLO = "Hello from a provider that we did not write. ¡Olé! 你好 🎉"
WITHOUT_DEFAULT_MODEL = ("azure", "vllm")


@pytest.fixture(scope="module")
def variables(aimock: AiMock, _provider: Provider) -> dict[str, str]:
    """A server with an account at every provider."""
    accounts = {row.account.upper() for row in PROVIDERS.values()} - {"OPENAI_COMPATIBLE", "AZURE"} | {"AZURE_OPENAI"}
    urls = {f"{name}_BASE_URL": aimock.url for name in accounts}
    keys = {f"{name}_API_KEY": "sk-for-aimock" for name in accounts - {"OLLAMA"}}
    # Where Google has it, beside its own API.
    urls["GEMINI_BASE_URL"] = aimock.url.removesuffix("/v1") + "/v1beta/openai"
    return {**quick(_provider), **urls, **keys, "PROVIDER_BASE_URL": aimock.url}


@pytest.fixture
def server(server_with: StartServer, variables: dict[str, str]) -> ServerProcess:
    return server_with(**variables)


@pytest.fixture(params=["openai", "anthropic"])
def dave(request: pytest.FixtureRequest, server: ServerProcess, browse: Browse, cast: Cast) -> Browser:
    """Asks by one API, then by the other."""
    assistant_of(cast.acme, "asked", provider=request.param)
    return browse(server=server).open("asked")


def code_of(turn: Turn) -> str:
    error = turn.frames[-1]
    assert error["type"] == "error", turn.frames
    assert error["message"] == ERRORS[error["platform_code"]].message
    return str(error["platform_code"])


def test_every_provider_answers(server: ServerProcess, browse: Browse, cast: Cast) -> None:
    dave = browse(server=server)
    for number, name in enumerate(PROVIDERS):
        model = "a-deployment" if name in WITHOUT_DEFAULT_MODEL else ""
        assistant_of(cast.acme, f"asked-{number}", provider=name, model=model)
        turn = dave.open(f"asked-{number}").say("hello")
        assert turn.text == HELLO, name
        assert turn.answer["content"][0]["text"] == HELLO
        row = Usage.objects.for_tenant(cast.acme).get(run=turn.run_id)
        assert (row.provider, row.requests, row.outcome) == (name, 1, "completed")
        assert row.model == (model or PROVIDERS[name].default_model or "model-of-tests")


def test_its_tokens_are_counted(dave: Browser, cast: Cast) -> None:
    dave.say("hello")
    (row,) = Usage.objects.for_tenant(cast.acme)
    assert (row.input_tokens, row.output_tokens) == (21, 9)


def test_it_calls_a_tool(dave: Browser) -> None:
    turn = dave.say("six by seven")
    assert turn.text == "It is forty-two."
    assert [item["type"] for item in dave.items(turn.thread_id)] == ["user_message", "assistant_message"]


def test_it_thinks(dave: Browser) -> None:
    turn = dave.say("think")
    (thinking,) = items_of(turn.frames, "workflow")
    assert thinking["workflow"]["tasks"][0]["content"] == "North is up, so the trail leads north."
    assert turn.text == "Go north."


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("too many", "provider_busy"),
        ("broken", "provider_unreachable"),
        ("bad key", "provider_refused"),
        ("very long", "conversation_too_long"),
    ],
)
def test_its_refusals_are_explained(dave: Browser, words: str, code: str) -> None:
    assert code_of(dave.say(words)) == code


def test_an_answer_that_breaks_off_is_kept_and_marked(dave: Browser) -> None:
    turn = dave.say("cut")
    assert code_of(turn) in ("provider_incomplete", "provider_unreachable")
    answer = dave.items(turn.thread_id)[-1]
    assert answer["interrupted"] == "error"
    said = answer["content"][0]["text"]
    assert said
    assert "This answer will break off before anybody".startswith(said)


def test_an_answer_that_reaches_its_limit_says_so(dave: Browser, cast: Cast) -> None:
    turn = dave.say("a limit")
    assert code_of(turn) == "answer_cut_off"
    assert turn.frames[-1]["allow_retry"] is False
    assert dave.items(turn.thread_id)[-1]["content"][0]["text"] == "This is all that I may"
    row = Usage.objects.for_tenant(cast.acme).get()
    assert (row.outcome, row.error_code, row.output_tokens) == ("failed", "answer_cut_off", 7)


def test_an_answer_that_takes_too_long_is_ended(
    start_server: StartServer, browse: Browse, cast: Cast, variables: dict[str, str]
) -> None:
    assistant_of(cast.acme, "asked", provider="openai")
    dave = browse(server=start_server(**variables | {"PROVIDER_TOTAL_SECONDS": "1"})).open("asked")
    turn = dave.say("slow")
    assert code_of(turn) == "provider_timeout"
    said = dave.items(turn.thread_id)[-1]["content"][0]["text"]
    assert said.startswith("One wo")
    assert "somebody" not in said

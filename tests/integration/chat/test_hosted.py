"""Hosted mode: OpenAI answers, and this platform says for whom."""

import json
from collections.abc import Iterator

import pytest

from accounts.models import EndUser
from tenants.models import Assistant, Quota
from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import Browser, message, refusal
from tests.support.cast import Cast, assistant_of
from tests.support.provider import Provider
from tests.support.servers import ServerProcess
from tests.support.web import Web

#: What OpenAI says to who opens a session.
SESSION = {
    "id": "cksess_1",
    "object": "chatkit.session",
    "client_secret": "ek_1",
    "expires_at": 4_000_000_000,
    "status": "active",
    "user": "somebody",
    "workflow": {"id": "wf_boots", "tracing": {"enabled": False}},
    "max_requests_per_1_minute": 10,
    "rate_limits": {"max_requests_per_1_minute": 10},
    "chatkit_configuration": {
        "automatic_thread_titling": {"enabled": True},
        "file_upload": {"enabled": False},
        "history": {"enabled": True},
    },
}


@pytest.fixture(scope="module")
def _openai() -> Iterator[Web]:
    web = Web()
    yield web
    web.stop()


@pytest.fixture
def openai(_openai: Web) -> Web:
    """OpenAI, as far as it opens sessions."""
    _openai.reset()
    _openai.page = SESSION
    return _openai


@pytest.fixture
def hosting(server_with: StartServer, provider: Provider, openai: Web, cast: Cast) -> ServerProcess:
    """A server with an account at OpenAI, and an assistant with a workflow."""
    assistant_of(cast.acme, "hosted", workflow="wf_boots")
    account = {"OPENAI_API_KEY": "sk-openai", "OPENAI_BASE_URL": f"{openai.url}/v1", "PROVIDER_RETRIES": "0"}
    return server_with(**quick(provider) | account)


@pytest.fixture
def dave(browse: Browse, hosting: ServerProcess) -> Browser:
    return browse(server=hosting)


def test_a_session_carries_openais_secret(dave: Browser, openai: Web, cast: Cast) -> None:
    response = dave.mint(assistant="hosted")
    assert (response.status_code, response.json()["client_secret"]) == (201, "ek_1")
    assert dave.token
    (asked,) = openai.asked
    end_user = EndUser.objects.for_tenant(cast.acme).get()
    assert (asked.method, asked.path) == ("POST", "/v1/chatkit/sessions")
    assert asked.headers["authorization"] == "Bearer sk-openai"
    assert json.loads(asked.body) == {
        "user": end_user.public_id,
        "workflow": {"id": "wf_boots"},
        "expires_after": {"anchor": "created_at", "seconds": 600},
        "rate_limits": {"max_requests_per_1_minute": 10},
    }


def test_who_has_used_up_a_plan_gets_no_secret(dave: Browser, openai: Web, cast: Cast) -> None:
    Quota.objects.create(tenant=cast.acme, answers_per_day=0)
    assert refusal(dave.mint(assistant="hosted")) == (429, "quota_of_day")
    assert openai.asked == []


def test_a_refresh_renews_both_for_the_same_end_user(dave: Browser, openai: Web) -> None:
    dave.mint(assistant="hosted")
    before = dave.token
    openai.page = SESSION | {"client_secret": "ek_2"}
    response = dave.refresh()
    assert (response.status_code, response.json()["client_secret"]) == (200, "ek_2")
    assert dave.token != before
    first, second = (json.loads(asked.body)["user"] for asked in openai.asked)
    assert first == second


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "provider_refused"), (404, "provider_refused"), (429, "provider_busy"), (500, "provider_unreachable")],
)
def test_what_openai_refuses_is_explained_and_costs_no_session(
    dave: Browser, openai: Web, status: int, code: str
) -> None:
    refused_by_openai = {"error": {"message": "sk-openai was refused", "type": "x", "code": "x"}}
    openai.page, openai.status = refused_by_openai, status
    assert refusal(dave.mint(assistant="hosted"))[1] == code
    openai.page, openai.status = SESSION, 200
    dave.mint(assistant="hosted")
    before = dave.token
    openai.page, openai.status = refused_by_openai, status
    refused = dave.refresh()
    assert refusal(refused)[1] == code
    assert "sk-" not in refused.text
    assert dave.token == before
    openai.page, openai.status = SESSION, 200
    assert dave.refresh().status_code == 200


def test_a_token_that_is_not_valid_asks_openai_nothing(dave: Browser, openai: Web) -> None:
    dave.mint(assistant="hosted")
    copied = dave.token
    dave.refresh()
    asked = len(openai.asked)
    dave.token = copied
    assert refusal(dave.refresh()) == (401, "session_invalid")
    assert len(openai.asked) == asked


def test_openais_secret_takes_no_place_of_ours(dave: Browser, openai: Web) -> None:
    assert refusal(dave.mint(assistant="hosted", credential="client_secret")) == (400, "cookie_required")


def test_nothing_is_answered_here(dave: Browser, openai: Web) -> None:
    dave.mint(assistant="hosted")
    turn = dave.say("hello")
    (error,) = [frame for frame in turn.frames if frame["type"] == "error"]
    assert (error["platform_code"], error["allow_retry"]) == ("hosted_elsewhere", False)
    assert len(openai.asked) == 1


def test_other_assistants_are_not_concerned(dave: Browser, openai: Web) -> None:
    assert "client_secret" not in dave.mint().json()
    assert openai.asked == []
    assert dave.post("threads.create", {"input": message("help")}).status_code == 200


def test_a_page_leaves_the_chat_to_openais_client(dave: Browser, cast: Cast) -> None:
    assert '"hosted": true' not in dave.http.get("/t/acme/").text
    Assistant.objects.for_tenant(cast.acme).update(is_default=False)
    Assistant.objects.for_tenant(cast.acme).filter(slug="hosted").update(is_default=True)
    page = dave.http.get("/t/acme/").text
    assert '"hosted": true' in page
    assert '"client": "openai"' in page


def test_who_asks_too_often_waits(
    start_server: StartServer, browse: Browse, provider: Provider, openai: Web, cast: Cast
) -> None:
    assistant_of(cast.acme, "hosted", workflow="wf_boots")
    account = {"OPENAI_API_KEY": "sk-openai", "OPENAI_BASE_URL": f"{openai.url}/v1"}
    dave = browse(server=start_server(**quick(provider) | account, CHAT_SESSION_RATE_LIMIT="2/hour"))
    dave.mint(assistant="hosted")
    assert dave.refresh().status_code == 200
    assert refusal(dave.refresh()) == (429, "rate_limited")
    assert len(openai.asked) == 2

"""OpenAI's client where it can be had, and ours where it cannot: the page is never without a chat."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from chat.models import Run
from tenants.models import Tenant
from tests.e2e.cdn import GOOD, NEVER_READY, OF_SOMETHING_ELSE, Cdn, closed_url
from tests.e2e.chat import Chat
from tests.e2e.conftest import Serve
from tests.support.browsers import ConsoleErrors, NewPage
from tests.support.browsing import message
from tests.support.provider import Hold, Provider
from tests.support.servers import ServerProcess

NOBODY = closed_url()
OPTIONS = "document.querySelector('openai-chatkit').options"
#: Sends a request with the `api.fetch` that the client was given, as that client would.
SEND = """async ([type, params]) => {
    const {api} = document.querySelector('openai-chatkit').options;
    const response = await api.fetch(api.url, {
        method: 'POST',
        headers: {'Content-Type': 'application/json', 'chatkit-frame-instance-id': 'frame-7'},
        body: JSON.stringify({type, params}),
    });
    return [response.status, response.headers.get('x-chatkit-run-id'), await response.text()];
}"""


@pytest.fixture(scope="module")
def _cdn() -> Iterator[Cdn]:
    cdn = Cdn()
    yield cdn
    cdn.stop()


@pytest.fixture
def cdn(_cdn: Cdn) -> Cdn:
    _cdn.reset()
    return _cdn


@pytest.fixture
def server(serve: Serve, cdn: Cdn) -> ServerProcess:
    return serve(CHATKIT_CLIENT="auto", CHATKIT_JS_URL=cdn.url, CHATKIT_READY_TIMEOUT_MS="1500")


@pytest.fixture
def chat(server: ServerProcess, new_page: NewPage) -> Chat:
    return Chat(new_page(), server)


@pytest.fixture
def german(server: ServerProcess, new_page: NewPage) -> Chat:
    """A tab that shows OpenAI's client."""
    chat = Chat(new_page(locale="de-DE"), server).visit("/t/acme/")
    expect(chat.page.get_by_text("The official client")).to_be_visible()
    chat.page.evaluate("chatplatform.ready.then(() => true)")
    return chat


@pytest.fixture
def official(german: Chat) -> Page:
    return german.page


class TestOurs:
    """Each time with a conversation, which is what the page is for."""

    def expect_ours(self, chat: Chat) -> None:
        chat.open()
        expect(chat.greeting).to_be_visible()
        expect(chat.ask("Hello")).to_contain_text("offline assistant")
        expect(chat.page.get_by_text("The official client")).to_have_count(0)
        chat.reload()
        expect(chat.questions).to_have_text(["Hello"])

    def test_it_comes_when_nobody_listens_there(self, serve: Serve, chat: Chat, console_errors: ConsoleErrors) -> None:
        console_errors.expect("ERR_CONNECTION_REFUSED")
        chat.server = serve(CHATKIT_CLIENT="auto", CHATKIT_JS_URL=NOBODY, CHATKIT_READY_TIMEOUT_MS="60000")
        self.expect_ours(chat)

    def test_it_comes_when_the_script_is_not_there(self, cdn: Cdn, chat: Chat, console_errors: ConsoleErrors) -> None:
        console_errors.expect("404")
        cdn.script = ""
        self.expect_ours(chat)

    @pytest.mark.parametrize("script", [None, OF_SOMETHING_ELSE, NEVER_READY], ids=["silent", "other", "unready"])
    def test_it_comes_when_theirs_does_not_get_ready_in_time(self, cdn: Cdn, chat: Chat, script: str | None) -> None:
        cdn.script = script
        self.expect_ours(chat)
        assert cdn.asked == 1, "The second page should not have waited again."


class TestTheirs:
    def test_it_is_used_when_it_gets_ready(self, cdn: Cdn, official: Page) -> None:
        assert cdn.script == GOOD
        assert cdn.asked == 1
        assert official.get_by_role("textbox").count() == 0

    def test_it_is_given_the_options_of_the_tenant(self, official: Page) -> None:
        options = official.evaluate(f"JSON.parse(JSON.stringify({OPTIONS}))")
        assert options["api"] == {
            "url": "/api/chatkit?tenant=acme",
            "domainKey": "local",
            "uploadStrategy": {"type": "two_phase"},
        }
        # Their functions are left out by the journey through JSON.
        assert options["entities"] == {"showComposerMenu": True}
        assert options["commands"] == {"enabled": True}
        assert options["startScreen"]["greeting"] == "Where does the trail lead today?"
        assert options["header"] == {"title": {"text": "Acme Guide"}}
        assert options["theme"]["color"]["accent"] == {"primary": "#15803d", "level": 1}
        assert options["theme"]["colorScheme"] == "light"
        assert options["threadItemActions"] == {"feedback": True, "retry": True}
        assert options["initialThread"] is None
        assert options["locale"] == "de-DE"
        assert "runsUrl" not in json.dumps(options), "Options of our own client are none of theirs."

    def test_its_requests_carry_the_session_the_language_and_the_page(self, official: Page) -> None:
        with official.expect_request(lambda request: "/api/chatkit?" in request.url) as sent:
            status, run, body = official.evaluate(SEND, ["threads.create", {"input": message("Hello")}])
        assert status == 200
        assert run.startswith("run_")
        assert "offline assistant" in body
        headers = sent.value.all_headers()
        assert "chatkit_session_acme=cks_" in headers["cookie"]
        assert headers["accept-language"] == "de-DE"
        assert headers["chatkit-frame-instance-id"] == "frame-7"
        page = json_of(sent.value)["metadata"]["page"]
        assert page == {"url": official.url, "title": "Acme Outdoor", "headings": ["Acme Outdoor"]}

    def test_its_other_requests_say_nothing_of_the_page(self, official: Page) -> None:
        with official.expect_request(lambda request: "/api/chatkit?" in request.url) as sent:
            status, _run, body = official.evaluate(SEND, ["threads.list", {"limit": 5}])
        assert (status, json.loads(body)) == (200, {"data": [], "has_more": False})
        assert json_of(sent.value) == {"type": "threads.list", "params": {"limit": 5}}

    def test_its_aborted_stream_stops_the_answer(
        self, scripted: Provider, official: Page, demo: dict[str, Tenant], eventually: Callable[..., Any]
    ) -> None:
        hold = Hold()
        scripted.will_say("As far as this", hold)
        official.evaluate(
            """async params => {
                const {api} = document.querySelector('openai-chatkit').options;
                const stop = new AbortController();
                const response = await api.fetch(api.url, {
                    method: 'POST', headers: {'Content-Type': 'application/json'}, signal: stop.signal,
                    body: JSON.stringify({type: 'threads.create', params}),
                });
                const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
                for (let seen = ''; !seen.includes('As far as this'); ) seen += (await reader.read()).value;
                stop.abort();
            }""",
            {"input": message("Much")},
        )
        hold.wait_until_hung_up()
        runs = Run.objects.for_tenant(demo["acme"])
        eventually(lambda: list(runs.values_list("state", flat=True)) == ["cancelled"])

    def test_its_thread_is_kept_in_the_address(self, official: Page) -> None:
        thread = "thr_" + "7" * 32
        official.evaluate(
            """threadId => document.querySelector('openai-chatkit')
                .dispatchEvent(new CustomEvent('chatkit.thread.change', {detail: {threadId}}))""",
            thread,
        )
        assert official.url.endswith(f"/t/acme/?thread={thread}")
        official.reload()
        expect(official.get_by_text("The official client")).to_be_visible()
        assert official.evaluate(f"{OPTIONS}.initialThread") == thread

    def test_it_may_run_the_tools_of_the_page(self, official: Page) -> None:
        result = official.evaluate(f"{OPTIONS}.onClientTool({{name: 'page_title', params: {{}}}})")
        assert result == {"title": "Acme Outdoor", "url": official.url}
        unknown = official.evaluate(f"{OPTIONS}.onClientTool({{name: 'launch', params: {{}}}})")
        assert unknown == {"error": "This page has no tool named launch."}

    def test_nothing_but_its_script_comes_from_elsewhere(self, cdn: Cdn, german: Chat) -> None:
        assert german.strangers == [cdn.url]


def json_of(request: Request) -> Any:
    return json.loads(request.post_data or "null")

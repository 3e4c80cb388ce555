"""The pages and their loader in a real browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from accounts import members
from accounts.models import User
from tenants.permissions import Role
from tests.conftest import StartServer
from tests.support.browsers import ConsoleErrors, NewPage
from tests.support.cast import Cast
from tests.support.servers import ServerProcess

CDN = "https://cdn.platform.openai.com/**"
OFFICIAL = """
customElements.define("openai-chatkit", class extends HTMLElement {
  setOptions(options) {
    this.options = options;
    const words = document.createElement("p");
    words.textContent = "The official client";
    this.attachShadow({ mode: "open" }).append(words);
    if (%s) setTimeout(() => this.dispatchEvent(new CustomEvent("chatkit.ready")));
  }
});
"""


@pytest.fixture
def carol(cast: Cast) -> User:
    cast.carol.set_password("correct horse")
    cast.carol.save()
    return cast.carol


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.keyboard.press("Enter")


def test_a_conversation_survives_a_reload(chat_server: ServerProcess, page: Page) -> None:
    page.goto(chat_server.url + "/t/acme/")
    say(page, "Compute 12 * (3 + 4)")
    expect(page.get_by_text("84", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/t/acme/\?thread=thr_[0-9a-f]{32}$"))
    page.reload()
    expect(page.get_by_role("group", name="You said")).to_contain_text("Compute 12 * (3 + 4)")
    expect(page.get_by_text("84", exact=True)).to_be_visible()


def test_the_assistant_asks_the_page_for_its_title(chat_server: ServerProcess, page: Page) -> None:
    page.goto(chat_server.url_of("acme.localhost") + "/")
    say(page, "What is the title of this page?")
    expect(page.get_by_role("group", name="Answer").last).to_contain_text("Acme")


def test_a_session_that_ran_out_is_renewed_unseen(
    start_server: StartServer, cast: Cast, page: Page, console_errors: ConsoleErrors
) -> None:
    console_errors.expect("401")
    server = start_server(CHAT_SESSION_TOKEN_SECONDS="1", OFFLINE_WORD_DELAY_MS="0")
    page.goto(server.url + "/t/acme/")
    expect(page.get_by_role("textbox")).to_be_visible()
    page.wait_for_timeout(1500)
    say(page, "Compute 12 * (3 + 4)")
    expect(page.get_by_text("84", exact=True)).to_be_visible()


def test_a_member_signs_in_chats_and_signs_out(chat_server: ServerProcess, carol: User, page: Page) -> None:
    page.goto(chat_server.url + "/t/globex/")
    expect(page).to_have_url(re.compile(r"/login/\?next=/t/globex/$"))
    page.keyboard.type(carol.email)
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/t/globex/$"))
    expect(page.get_by_role("textbox")).to_be_visible()
    page.get_by_label("Account of Carol").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/login/\?next="))
    assert [cookie["name"] for cookie in page.context.cookies() if "session" in cookie["name"]] == []


def test_the_link_of_an_invitation_leaves_nothing_in_the_address(
    chat_server: ServerProcess, cast: Cast, page: Page
) -> None:
    _, link = members.invite(cast.acme, "ann@example.com", "viewer", by=Role.OWNER, site=chat_server.url, mail=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url + request.headers.get("referer", "")))
    page.goto(link)
    expect(page.get_by_role("heading", name="Join Acme")).to_be_visible()
    assert page.url == f"{chat_server.url}/invitations/"
    token = link.partition("#")[2]
    assert not any(token in one.partition("#")[0] for one in asked)
    assert token not in chat_server.log
    page.get_by_label("Your name").fill("Ann")
    page.get_by_label("Choose a password").fill("a password of ann")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()


def test_the_theme_is_the_readers_and_stays(chat_server: ServerProcess, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(chat_server.url + "/t/acme/")
    expect(page.get_by_role("textbox")).to_be_visible()
    scheme = "getComputedStyle(document.querySelector('openai-chatkit')).colorScheme"
    assert page.evaluate(scheme) == "light"
    page.get_by_role("button", name="Theme: system").click()
    page.get_by_role("button", name="Theme: light").click()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert page.evaluate(scheme) == "dark"
    page.reload()
    expect(page.get_by_role("textbox")).to_be_visible()
    assert page.evaluate(scheme) == "dark"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_the_pages(
    chat_server: ServerProcess, new_page: NewPage, console_errors: ConsoleErrors, scheme: str
) -> None:
    console_errors.expect(r"404 \(Not Found\)")
    page = new_page(color_scheme=scheme, viewport={"width": 360, "height": 740})
    for path in ("/", "/login/", "/t/acme/", "/t/no-such-tenant/"):
        page.goto(chat_server.url + path)
        page.wait_for_timeout(600)  # what moves has come to rest
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


class TestChoiceOfClient:
    @pytest.fixture
    def server(self, server_with: StartServer, cast: Cast) -> ServerProcess:
        return server_with(CHATKIT_CLIENT="auto", CHATKIT_READY_TIMEOUT_MS="1500", OFFLINE_WORD_DELAY_MS="0")

    def test_the_official_client_is_used_where_it_comes_up(self, server: ServerProcess, page: Page) -> None:
        page.route(CDN, lambda route: route.fulfill(body=OFFICIAL % "true", content_type="text/javascript"))
        page.goto(server.url + "/t/acme/")
        expect(page.get_by_text("The official client")).to_be_visible()
        page.wait_for_timeout(2000)
        expect(page.get_by_text("The official client")).to_be_visible()

    def test_ours_comes_at_once_where_the_other_cannot_be_loaded(
        self, server: ServerProcess, page: Page, console_errors: ConsoleErrors
    ) -> None:
        console_errors.expect("ERR_FAILED")
        page.route(CDN, lambda route: route.abort())
        page.goto(server.url + "/t/acme/")
        say(page, "Compute 12 * (3 + 4)")
        expect(page.get_by_text("84", exact=True)).to_be_visible()

    def test_ours_comes_where_the_other_keeps_silent(self, server: ServerProcess, page: Page) -> None:
        held: list[Route] = []
        page.route(CDN, lambda route: held.append(route))  # noqa: PLW0108 - Playwright cannot mark a builtin
        page.goto(server.url + "/t/acme/", wait_until="domcontentloaded")
        expect(page.get_by_role("textbox")).to_be_visible()
        page.reload()
        expect(page.get_by_role("textbox")).to_be_visible()
        assert len(held) == 1, "the second page does not ask again"

    def test_ours_takes_the_place_of_one_that_never_gets_ready(self, server: ServerProcess, page: Page) -> None:
        page.route(CDN, lambda route: route.fulfill(body=OFFICIAL % "false", content_type="text/javascript"))
        page.goto(server.url + "/t/acme/")
        say(page, "Compute 12 * (3 + 4)")
        expect(page.get_by_text("84", exact=True)).to_be_visible()
        assert page.evaluate("document.getElementById('chatkit').localName") == "chatplatform-chatkit"

    def test_the_page_is_never_blank(self, server: ServerProcess, page: Page, console_errors: ConsoleErrors) -> None:
        console_errors.expect("ERR_FAILED|could not be loaded")
        page.route(CDN, lambda route: route.abort())
        page.route("**/chatkit/client.js", lambda route: route.abort())
        page.goto(server.url + "/t/acme/")
        expect(page.get_by_role("alert")).to_contain_text("The chat could not be loaded")
        page.unroute("**/chatkit/client.js")
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("textbox")).to_be_visible()

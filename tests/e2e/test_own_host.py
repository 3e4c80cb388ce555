"""A tenant's own host: its chat is the whole site, and its cookies stay there."""

import pytest
from playwright.sync_api import expect

from accounts.demo import PASSWORD
from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.support.browsers import ConsoleErrors


@pytest.fixture
def acme(visit: Visit) -> Chat:
    return visit(host="acme.localhost").open("/")


def cookies_of(chat: Chat, origin: str) -> set[str]:
    return {str(cookie["name"]) for cookie in chat.page.context.cookies(origin) if "name" in cookie}


def test_it_serves_the_chat_at_the_root(acme: Chat) -> None:
    expect(acme.greeting).to_be_visible()
    expect(acme.ask("Hello")).to_contain_text("offline assistant")
    acme.reload()
    expect(acme.questions).to_have_text(["Hello"])
    assert acme.page.url.startswith(f"{acme.origin}/?thread=thr_")


def test_it_has_one_address_there(acme: Chat, console_errors: ConsoleErrors) -> None:
    acme.ask("Hello")
    thread = acme.thread_id
    acme.open(f"/t/acme/?thread={thread}")
    assert acme.page.url == f"{acme.origin}/?thread={thread}"
    expect(acme.questions).to_have_text(["Hello"])
    console_errors.expect("404")
    response = acme.page.goto(f"{acme.origin}/t/globex/")
    assert response is not None
    assert response.status == 404


def test_it_gives_its_cookies_to_no_other_host(acme: Chat, visit: Visit) -> None:
    acme.ask("Hello")
    shared, globex = acme.server.url, acme.server.url_of("globex.localhost")
    assert "chatkit_session_acme" in cookies_of(acme, acme.origin)
    assert not any("chatkit" in name for origin in (shared, globex) for name in cookies_of(acme, origin))
    elsewhere = Chat(visit(same_person_as=acme).page, acme.server).open()
    elsewhere.open_history()
    expect(elsewhere.entries).to_have_count(0)


def test_it_hides_the_cookie_of_the_session_from_scripts(acme: Chat) -> None:
    acme.ask("Hello")
    assert "chatkit" not in acme.page.evaluate("document.cookie")
    (cookie,) = [one for one in acme.page.context.cookies() if one.get("name") == "chatkit_session_acme"]
    assert cookie.get("httpOnly") is True
    assert cookie.get("sameSite") == "Lax"


def test_it_takes_a_login_for_its_own_host_only(visit: Visit) -> None:
    gil = visit(host="globex.localhost").visit("/").sign_in("viewer@globex.localhost", PASSWORD)
    expect(gil.page.get_by_role("heading", name="Good day. What may I look into?")).to_be_visible()
    assert gil.page.url == f"{gil.origin}/"
    expect(gil.ask("Compute 12 * (3 + 4)")).to_contain_text("84")
    gil.page.goto(f"{gil.server.url}/t/globex/")
    expect(gil.page.get_by_role("heading", name="Sign in")).to_be_visible()

"""What belongs to somebody else stays with them, whatever address one types."""

import pytest
from playwright.sync_api import Response, expect

from accounts.demo import PASSWORD
from accounts.models import ChatSession
from tenants.models import Tenant
from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.support.browsers import ConsoleErrors
from tests.support.provider import Hold, Provider

SECRET = "The password of the safe is violet"
GONE = "This conversation no longer exists."


def status_of(chat: Chat, path: str) -> int:
    response = chat.page.goto(chat.origin + path)
    assert isinstance(response, Response)
    return response.status


def sign_in_at_globex(chat: Chat, role: str = "viewer", tenant: str = "globex") -> Chat:
    chat.visit("/t/globex/").sign_in(f"{role}@{tenant}.localhost", PASSWORD)
    return chat


def expect_nothing_of_it(chat: Chat) -> None:
    expect(chat.problem(GONE)).to_be_visible()
    expect(chat.page.get_by_text("violet")).to_have_count(0)
    expect(chat.questions).to_have_count(0)
    assert "thread=" not in chat.page.url


def test_it_says_that_another_visitors_chat_is_not_there(
    chat: Chat, visit: Visit, console_errors: ConsoleErrors
) -> None:
    console_errors.expect("404")
    chat.ask(SECRET)
    stranger = visit().open(chat.thread_path)
    expect_nothing_of_it(stranger)
    expect(stranger.greeting).to_be_visible()
    expect(stranger.ask("Hello")).to_contain_text("offline assistant")
    stranger.open_history()
    expect(stranger.entries).to_have_count(1)


def test_it_says_that_a_chat_of_another_tenant_is_not_there(
    chat: Chat, visit: Visit, console_errors: ConsoleErrors
) -> None:
    console_errors.expect("404")
    chat.ask(SECRET)
    member = sign_in_at_globex(visit())
    expect(member.message).to_be_visible()
    member.open(f"/t/globex/?thread={chat.thread_id}")
    expect_nothing_of_it(member)


def test_it_says_the_same_of_a_chat_that_never_was(chat: Chat, console_errors: ConsoleErrors) -> None:
    console_errors.expect("404")
    chat.open("/t/acme/?thread=thr_" + "0" * 32)
    expect_nothing_of_it(chat)


def test_it_passes_over_an_address_that_names_no_chat(chat: Chat) -> None:
    chat.open("/t/acme/?thread=%3Cscript%3Ealert(1)%3C/script%3E")
    expect(chat.greeting).to_be_visible()
    expect(chat.ask("Hello")).to_contain_text("offline assistant")


def test_it_asks_who_one_is_where_only_members_chat(visit: Visit) -> None:
    guest = visit().visit("/t/globex/")
    expect(guest.page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(guest.message).to_have_count(0)
    guest.sign_in("viewer@globex.localhost", PASSWORD)
    expect(guest.page.get_by_role("heading", name="Good day. What may I look into?")).to_be_visible()
    expect(guest.ask("Compute 12 * (3 + 4)")).to_contain_text("84")


def test_it_lets_nobody_in_with_a_wrong_password(visit: Visit) -> None:
    guest = visit().visit("/t/globex/").sign_in("viewer@globex.localhost", "demo-passwort")
    expect(guest.page.get_by_role("alert")).to_contain_text("do not match")
    expect(guest.page.get_by_label("E-mail address")).to_have_value("viewer@globex.localhost")
    expect(guest.message).to_have_count(0)


def test_it_does_not_know_a_tenant_that_one_does_not_belong_to(visit: Visit, console_errors: ConsoleErrors) -> None:
    console_errors.expect("404")
    olivia = sign_in_at_globex(visit(), "owner", "acme")
    expect(olivia.page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    assert status_of(olivia, "/t/globex/") == 404
    expect(olivia.page.get_by_text("Globex")).to_have_count(0)
    assert status_of(olivia, "/t/initech/") == 404
    olivia.open("/t/acme/")


@pytest.mark.parametrize("way", ["back", "address"])
def test_it_shows_nothing_private_after_the_sign_out(
    visit: Visit, demo: dict[str, Tenant], way: str, console_errors: ConsoleErrors
) -> None:
    console_errors.expect("401")
    gil = sign_in_at_globex(visit())
    expect(gil.message).to_be_visible()
    gil.ask(SECRET)
    address = gil.page.url.removeprefix(gil.origin)
    gil.page.get_by_label("Account of Gil Viewer").click()
    gil.button("Sign out").click()
    expect(gil.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not ChatSession.objects.for_tenant(demo["globex"]).filter(revoked_at=None).exists()

    if way == "back":
        gil.page.go_back()
    else:
        gil.visit(address)
    expect(gil.page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(gil.page.get_by_text("violet")).to_have_count(0)
    refused = gil.page.evaluate(
        """async () => (await fetch('/api/chatkit?tenant=globex', {
            method: 'POST', headers: {'Content-Type': 'application/json'},
            body: JSON.stringify({type: 'threads.list', params: {}}),
        })).status"""
    )
    assert refused == 401


def test_it_ends_the_chat_in_a_tab_that_stayed_open(visit: Visit, console_errors: ConsoleErrors) -> None:
    console_errors.expect("401")
    gil = sign_in_at_globex(visit())
    expect(gil.message).to_be_visible()
    other = visit(same_person_as=gil).open("/t/globex/")
    gil.page.get_by_label("Account of Gil Viewer").click()
    gil.button("Sign out").click()
    expect(gil.page.get_by_role("heading", name="Sign in")).to_be_visible()
    other.say(SECRET)
    expect(other.problem("Please sign in to continue.")).to_be_visible()
    expect(other.message).to_have_value(SECRET)
    other.page.get_by_role("link", name="Sign in").last.click()
    other.sign_in("viewer@globex.localhost", PASSWORD)
    expect(other.page.get_by_role("heading", name="Good day. What may I look into?")).to_be_visible()


def test_it_stops_nobody_elses_answer(
    scripted: Provider, chat: Chat, visit: Visit, console_errors: ConsoleErrors
) -> None:
    console_errors.expect("404")
    hold = Hold()
    scripted.will_say("Mine, ", hold, "still.")
    with chat.page.expect_response(lambda response: "x-chatkit-run-id" in response.headers) as begun:
        chat.say("Whose are you?")
    run = begun.value.headers["x-chatkit-run-id"]
    stranger = visit().open()
    statuses = stranger.page.evaluate(
        """async run => {
            const base = `/api/chatkit/runs/${run}`, headers = {'Content-Type': 'application/json'};
            // The page opens its session in its own time; a stranger without one is another case.
            await fetch('/api/chatkit/session', {method: 'POST', headers, body: JSON.stringify({tenant: 'acme'})});
            const cancelled = await fetch(`${base}/cancel?tenant=acme`, {method: 'POST', headers, body: '{}'});
            const followed = await fetch(`${base}/events?after=0&tenant=acme`);
            return [cancelled.status, followed.status];
        }""",
        run,
    )
    assert statuses == [404, 404]
    hold.release()
    expect(chat.answer).to_contain_text("Mine, still.")

"""Chat sessions end and begin again, and nobody has to notice."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.demo import PASSWORD
from accounts.models import ChatSession
from tenants.models import Tenant
from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.support.browsers import ConsoleErrors


@pytest.fixture(autouse=True)
def refusals_in_the_console(console_errors: ConsoleErrors) -> None:
    console_errors.expect("401")


def expire(tenant: Tenant) -> None:
    past = timezone.now() - timedelta(seconds=1)
    assert ChatSession.objects.for_tenant(tenant).update(expires_at=past)


def revoke(tenant: Tenant) -> None:
    assert ChatSession.objects.for_tenant(tenant).update(revoked_at=timezone.now())


def expect_no_problem(chat: Chat) -> None:
    expect(chat.button("Close")).to_have_count(0)
    expect(chat.message).to_have_value("")


def test_it_renews_an_expired_token_unnoticed(chat: Chat, demo: dict[str, Tenant]) -> None:
    chat.ask("My boots are blue")
    expire(demo["acme"])
    expect(chat.ask("What did I say first?")).to_contain_text("My boots are blue")
    expect_no_problem(chat)
    expire(demo["acme"])
    chat.open_history()
    expect(chat.entry("My boots are blue")).to_be_visible()
    expect(chat.history.get_by_role("strong")).to_have_count(0)


def test_it_renews_an_expired_token_when_the_page_is_opened_again(chat: Chat, demo: dict[str, Tenant]) -> None:
    chat.ask("My boots are blue")
    expire(demo["acme"])
    chat.reload()
    expect(chat.questions).to_have_text(["My boots are blue"])


def test_it_knows_a_visitor_who_comes_back_after_the_token_has_expired(
    chat: Chat, visit: Visit, demo: dict[str, Tenant]
) -> None:
    chat.ask("My boots are blue")
    later = visit(same_person_as=chat)
    chat.page.close()
    expire(demo["acme"])
    later.open()
    later.open_history()
    expect(later.entry("My boots are blue")).to_be_visible()


def test_it_takes_the_message_of_a_visitor_whose_session_was_ended(chat: Chat, demo: dict[str, Tenant]) -> None:
    expect(chat.ask("Hello")).to_contain_text("offline assistant")
    chat.start_anew()
    revoke(demo["acme"])
    expect(chat.ask("Hello again")).to_contain_text("offline assistant")
    expect_no_problem(chat)


def test_it_takes_the_message_of_a_member_whose_session_was_ended_in_the_same_chat(
    visit: Visit, demo: dict[str, Tenant]
) -> None:
    gil = visit().visit("/t/globex/").sign_in("viewer@globex.localhost", PASSWORD)
    expect(gil.message).to_be_visible()
    gil.ask("My boots are blue")
    revoke(demo["globex"])
    expect(gil.ask("What did I say first?")).to_contain_text("My boots are blue")
    expect_no_problem(gil)


def test_it_gives_a_visitor_whose_session_was_ended_their_words_back(
    chat: Chat, demo: dict[str, Tenant], console_errors: ConsoleErrors
) -> None:
    """The chat belongs to somebody whom nobody can prove to be any more."""
    console_errors.expect("404")
    chat.ask("Hello")
    revoke(demo["acme"])
    chat.say("Hello again")
    expect(chat.problem("This conversation no longer exists.")).to_be_visible()
    expect(chat.message).to_have_value("Hello again")
    chat.start_anew()
    expect(chat.ask("Hello again")).to_contain_text("offline assistant")

"""One person has one conversation open in two tabs."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import ChatSession
from tenants.models import Tenant
from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.support.browsers import ConsoleErrors
from tests.support.provider import Hold, Provider

BUSY = "Another answer is still being written."


@pytest.fixture
def tabs(scripted: Provider, chat: Chat, visit: Visit) -> tuple[Chat, Chat]:
    chat.ask("Hello")
    other = visit(same_person_as=chat).open(chat.thread_path)
    expect(other.questions).to_have_text(["Hello"])
    return chat, other


def test_it_refuses_the_second_message_and_keeps_its_words(
    tabs: tuple[Chat, Chat], scripted: Provider, console_errors: ConsoleErrors
) -> None:
    console_errors.expect("409")
    one, two = tabs
    hold = Hold()
    scripted.will_say("Slowly, ", hold, "slowly.")
    one.say("From the first tab")
    expect(one.answer).to_have_text("Slowly,")

    two.say("From the second tab")
    expect(two.problem(BUSY)).to_be_visible()
    expect(two.message).to_have_value("From the second tab")
    expect(one.answer).to_have_text("Slowly,")
    expect(two.questions).to_have_text(["Hello", "From the first tab"])
    expect(two.answer).to_have_text("Slowly,")

    hold.release()
    one.expect_rest()
    expect(two.answer).to_contain_text("Slowly, slowly.")
    expect(two.problem(BUSY)).to_have_count(0)
    scripted.will_say("To the second tab.")
    two.send.click()
    expect(two.answer).to_contain_text("To the second tab.")
    expect(two.message).to_have_value("")
    expect(two.problem(BUSY)).to_have_count(0)
    two.expect_rest()

    scripted.will_say("To the first tab.")
    expect(one.ask("And on")).to_contain_text("To the first tab.")
    one.reload()
    expect(one.questions).to_have_text(["Hello", "From the first tab", "From the second tab", "And on"])


def test_it_renews_the_session_in_one_tab_for_both(
    tabs: tuple[Chat, Chat], scripted: Provider, demo: dict[str, Tenant], console_errors: ConsoleErrors
) -> None:
    console_errors.expect("401")
    expire_tokens(demo["acme"])
    for tab in tabs:
        scripted.will_say("Still here.")
        expect(tab.ask("Are you there?")).to_contain_text("Still here.")


def test_it_renews_the_session_once_when_both_tabs_need_it_at_once(
    tabs: tuple[Chat, Chat], scripted: Provider, demo: dict[str, Tenant], console_errors: ConsoleErrors
) -> None:
    console_errors.expect("401")
    expire_tokens(demo["acme"])
    renewals: list[str] = []
    for tab in tabs:
        tab.page.on("request", lambda request: renewals.append(urlsplit(request.url).path.rpartition("/")[2]))
        tab.start_anew()
        tab.message.fill("At once")
    for tab in tabs:
        scripted.will_say("At once.")
        tab.send.click()
    for tab in tabs:
        expect(tab.answer).to_contain_text("At once.")
    # The token of a second one would be taken for a copy by whoever still uses it.
    assert [name for name in renewals if name in ("refresh", "session")] == ["refresh"]


def expire_tokens(tenant: Tenant) -> None:
    past = timezone.now() - timedelta(seconds=1)
    assert ChatSession.objects.for_tenant(tenant).update(expires_at=past)

"""A visitor is blocked in the panel, and is told so in the chat."""

import pytest
from playwright.sync_api import expect

from accounts.demo import PASSWORD
from accounts.models import EndUser
from tenants.models import Tenant
from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.e2e.test_accessibility import expect_everybody_can_use
from tests.support.browsers import ConsoleErrors

BLOCKED = "You are blocked from this chat for now."


@pytest.fixture(autouse=True)
def refusals_in_the_console(console_errors: ConsoleErrors) -> None:
    console_errors.expect("401")
    console_errors.expect("403")


def test_a_blocked_visitor_is_told_so(chat: Chat, visit: Visit, demo: dict[str, Tenant]) -> None:
    chat.ask("My boots are blue")
    thread = chat.thread_path
    visitor = EndUser.objects.for_tenant(demo["acme"]).filter(kind="anonymous").latest("pk")
    page = visit().visit("/login/?next=/admin/accounts/enduser/").sign_in("owner@acme.localhost", PASSWORD).page
    page.goto(f"{chat.origin}/admin/accounts/enduser/{visitor.pk}/change/")
    expect_everybody_can_use(page)
    block = page.get_by_role("form", name="Block for a time")
    expect(block.get_by_role("checkbox", name="Chat cookie")).to_be_checked()
    block.get_by_role("checkbox", name="Device").check()
    block.get_by_label("Duration").select_option(label="7 days")
    block.get_by_label("Reason").select_option("Spam")
    block.get_by_role("button", name="Block", exact=True).click()
    expect(page.get_by_text("The visitor is blocked.")).to_be_visible()

    # In the page that is open, and in one that is opened anew.
    chat.message.fill("And my hat is red")
    chat.message.press("Enter")
    expect(chat.problem(BLOCKED)).to_be_visible()
    expect(chat.page.get_by_text("You can chat here again after")).to_be_visible()
    chat.page.goto(chat.origin + thread)
    expect(chat.problem(BLOCKED)).to_be_visible()
    expect(chat.problem("no longer exists")).to_have_count(0)
    expect_everybody_can_use(chat.page)

    page.goto(f"{chat.origin}/admin/accounts/block/")
    expect(page.get_by_text("Spam").first).to_be_visible()
    expect_everybody_can_use(page)
    page.get_by_role("link", name="Device").first.click()
    expect_everybody_can_use(page)
    page.get_by_role("button", name="Lift block").click()
    expect(page.get_by_text("The block is lifted.")).to_be_visible()

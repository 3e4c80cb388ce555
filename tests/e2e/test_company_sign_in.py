"""An owner sets up the company's sign-in, and somebody of the company comes in by it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from accounts import demo
from tests.e2e.conftest import Serve, Visit
from tests.e2e.test_accessibility import expect_everybody_can_use
from tests.support.browsers import ConsoleErrors, NewPage
from tests.support.identity_provider import CLIENT, SECRET, IdentityProvider


@pytest.fixture
def company() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.stop()


def test_from_the_panel_to_the_chat(
    visit: Visit, new_page: NewPage, serve: Serve, company: IdentityProvider, console_errors: ConsoleErrors
) -> None:
    server = serve(OUTBOUND_ALLOWED_HOSTS=company.host)
    panel = visit(server=server).visit("/login/?next=/admin/")
    owner = panel.sign_in("owner@globex.localhost", demo.PASSWORD).page
    owner.get_by_role("link", name="Company sign-in").click()
    port = server.url.rpartition(":")[2]
    back = owner.get_by_role("list", name="Redirect addresses")
    expect(back).to_contain_text(f"http://globex.localhost:{port}/t/globex/sign-in/callback/")
    owner.get_by_label("Name").fill("Globex ID")
    owner.get_by_label("Issuer").fill(company.issuer)
    owner.get_by_label("Client ID").fill(CLIENT)
    owner.get_by_label("Client secret").fill(SECRET)
    owner.get_by_label("Enabled").check()
    owner.get_by_role("button", name="Save and continue editing").click()
    owner.get_by_role("button", name="Test what is stored").click()
    expect(owner.get_by_role("status")).to_contain_text("Globex ID answers, and knows this client.")
    expect_everybody_can_use(owner)

    company.who = {"email": "stranger@globex.localhost", "email_verified": True}
    page = new_page()  # It goes to another host, and is let.
    page.goto(f"{server.url}/t/globex/")
    expect(page.get_by_role("button", name="Sign in with Globex ID")).to_be_visible()
    expect_everybody_can_use(page)
    console_errors.expect("403")
    page.get_by_role("button", name="Sign in with Globex ID").click()
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    expect_everybody_can_use(page)

    company.who["email"] = "viewer@globex.localhost"
    page.get_by_role("button", name="Try again with Globex ID").click()
    expect(page.get_by_role("heading", name="Good day. What may I look into?")).to_be_visible()
    assert page.url == f"{server.url}/t/globex/"

"""Shaping an assistant in a browser: a draft is edited, seen at once, and published."""

from playwright.sync_api import expect

from accounts import demo as demo_module
from tests.e2e.conftest import Visit
from tests.e2e.test_accessibility import expect_everybody_can_use


def test_an_owner_tries_a_draft_and_publishes_it(visit: Visit) -> None:
    page = (
        visit()
        .visit("/login/?next=/admin/tenants/assistant/")
        .sign_in("owner@acme.localhost", demo_module.PASSWORD)
        .page
    )
    page.get_by_role("link", name="Acme Guide").click()
    page.get_by_role("link", name="Edit and try the draft").click()
    preview = page.get_by_role("region", name="The draft as it was saved")
    expect(preview.get_by_role("heading", name="Where does the trail lead today?")).to_be_visible()
    expect_everybody_can_use(page)
    page.get_by_text("Start screen", exact=True).click()
    page.get_by_label("Greeting").fill("Ready for the mountains?")
    page.get_by_role("button", name="Save the draft").click()
    expect(preview.get_by_role("heading", name="Ready for the mountains?")).to_be_visible()
    preview.get_by_role("textbox", name="Message", exact=True).fill("Compute 12 * (3 + 4)")
    preview.get_by_role("button", name="Send message").click()
    expect(preview.get_by_role("group", name="Answer")).to_contain_text("84")
    expect(visit().open().greeting).to_be_visible()
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_role("status").first).to_contain_text("answers from now on")
    chat = visit().visit("/t/acme/")
    expect(chat.page.get_by_role("heading", name="Ready for the mountains?")).to_be_visible()
    page.get_by_role("link", name="Compare version 1").click()
    expect(page.get_by_role("cell", name="Ready for the mountains?")).to_be_visible()
    expect_everybody_can_use(page)

"""The admin panel in a browser: it works under its policy, by keyboard, on a phone, and everybody can read it."""

from playwright.sync_api import expect

from accounts import demo
from tests.e2e.conftest import Visit
from tests.e2e.test_accessibility import expect_everybody_can_use


def test_an_owner_adds_a_tool(visit: Visit) -> None:
    chat = visit().visit("/login/?next=/admin/").sign_in("owner@acme.localhost", demo.PASSWORD)
    page = chat.page
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    toggle = page.get_by_role("button", name="Navigation")
    toggle.press("Enter")
    expect(page.get_by_role("navigation", name="Administration")).to_be_hidden()
    toggle.press("Enter")
    expect_everybody_can_use(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Navigation").focus()
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name="Administration").get_by_role("link", name="HTTP tools").click()
    page.get_by_role("link", name="Add").first.click()
    page.get_by_label("Name").fill("orders")
    page.get_by_label("Description").fill("Looks up an order.")
    page.get_by_label("Address").fill("https://shop.example/orders")
    expect_everybody_can_use(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("was added successfully")
    expect(page.get_by_role("table").get_by_role("link", name="orders", exact=True)).to_be_visible()
    expect_everybody_can_use(page)

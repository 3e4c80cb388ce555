"""An owner deletes a conversation and its person in a browser: the page before says what goes."""

from playwright.sync_api import expect

from accounts.demo import PASSWORD
from accounts.models import EndUser
from chat.models import Thread
from tenants.models import Tenant
from tests.e2e.conftest import Visit
from tests.e2e.test_accessibility import expect_everybody_can_use


def test_an_owner_deletes_a_conversation_and_its_person(visit: Visit, demo: dict[str, Tenant]) -> None:
    dave = visit().open()
    dave.ask("hello")
    owner = visit()
    owner.visit("/login/?next=/admin/").sign_in("owner@acme.localhost", PASSWORD)
    page = owner.page
    thread = Thread.objects.for_tenant(demo["acme"]).latest("pk")
    owner.visit(f"/admin/chat/thread/{thread.pk}/change/")
    expect(page.get_by_role("link", name="Delete conversation")).to_be_visible()
    expect_everybody_can_use(page)
    page.get_by_role("link", name="Delete conversation").click()
    expect(page.get_by_text("thread items").first).to_be_visible()
    expect_everybody_can_use(page)
    page.get_by_role("button", name="Yes, I").click()
    expect(page.get_by_role("status")).to_contain_text("was deleted")
    owner.visit(f"/admin/accounts/enduser/{thread.end_user_id}/change/")
    expect_everybody_can_use(page)
    suspension = page.locator("form", has=page.get_by_role("button", name="Suspend"))
    suspension.get_by_label("Reason").select_option("Spam")
    suspension.get_by_role("button", name="Suspend").click()
    expect(page.get_by_role("status")).to_contain_text("is suspended")
    owner.visit(f"/admin/accounts/enduser/{thread.end_user_id}/delete/")
    page.get_by_role("button", name="Yes, I").click()
    expect(page.get_by_role("status")).to_contain_text("was deleted")
    assert not EndUser.objects.for_tenant(demo["acme"]).filter(pk=thread.end_user_id).exists()
    owner.visit("/admin/tenants/auditevent/")
    expect(page.get_by_role("table")).to_contain_text("deleted")
    expect_everybody_can_use(page)

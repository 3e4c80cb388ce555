"""Looking into a conversation in a browser: as its user saw it, and one answer as it was written."""

from playwright.sync_api import expect

from accounts import demo as demo_module
from tests.e2e.conftest import Serve, Visit
from tests.e2e.test_accessibility import expect_everybody_can_use
from tests.support.provider import CallTool, Provider


def test_an_owner_looks_into_an_answer(serve: Serve, visit: Visit, scripted: Provider) -> None:
    server = serve(RUN_TRACES="sampled", RUN_TRACES_PERCENT="100")
    chat = visit(server=server).open()
    scripted.will_say("Fill this in, and we **call back**.", CallTool("contact_form", {}))
    chat.ask("I want to talk to somebody")

    page = (
        visit(server=server)
        .visit("/login/?next=/admin/chat/thread/")
        .sign_in("owner@acme.localhost", demo_module.PASSWORD)
        .page
    )
    page.get_by_label("Words").fill("somebody")
    page.get_by_role("button", name="Show", exact=True).click()
    expect_everybody_can_use(page)
    page.get_by_role("link", name="I want to talk to somebody").click()
    shown = page.get_by_role("region", name="Conversation")
    expect(shown.get_by_text("call back")).to_be_visible()
    # Everything is there, and nothing does anything.
    expect(shown.get_by_role("button", name="Send")).to_be_disabled()
    expect(page.get_by_role("textbox", name="Message")).to_have_count(0)
    page.get_by_label("New note").fill("Call back on Monday.")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("Call back on Monday.")).to_be_visible()
    expect_everybody_can_use(page)

    page.get_by_role("region", name="Answers").get_by_role("link").click()
    expect(page.get_by_text("You are the guide of Acme Outdoor").first).to_be_visible()
    expect(page.get_by_role("region", name="Conversation").get_by_text("call back")).to_be_visible()
    page.get_by_role("button", name="At once").click()
    expect(page.get_by_role("region", name="Conversation").get_by_text("call back")).to_be_visible()
    expect_everybody_can_use(page)


def test_what_a_visitor_wrote_loads_nothing_in_a_browser_of_the_staff(
    serve: Serve, visit: Visit, scripted: Provider
) -> None:
    """Not from this origin either: such a request carries the cookies of whoever reads."""
    server = serve()
    chat = visit(server=server).open()
    images = "![one](/admin/tenants/assistant/1/draft/) ![two](https://evil.example/x.png) ![three](/healthz)"
    scripted.will_say(f"You said: {images}")
    chat.ask(f"Repeat {images}")
    page = visit(server=server).visit("/login/").sign_in("owner@acme.localhost", demo_module.PASSWORD).page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{server.url}/admin/chat/thread/")
    page.get_by_role("link", name="Repeat").first.click()
    shown = page.get_by_role("region", name="Conversation")
    expect(shown.get_by_text("You said:")).to_be_visible()
    expect(shown.get_by_role("button", name="Load image")).to_have_count(3)
    assert not [url for url in asked if "/draft/" in url or "evil.example" in url or "/healthz" in url]
    expect_everybody_can_use(page)

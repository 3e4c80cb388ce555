"""The chat on somebody else's site: a page of another origin, with the platform's script in it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts import demo as demo_module
from accounts.models import ChatSession, EndUser
from chat.models import Thread
from tenants.models import Embed, Tenant
from tests.e2e.conftest import Serve
from tests.e2e.shop import Shop, place
from tests.support.browsers import ConsoleErrors, NewPage
from tests.support.hosts import Site, Website
from tests.support.provider import CallTool, Hold, Provider
from tests.support.servers import ServerProcess

#: Rules of a site that means no harm, and does a lot.
HOSTILE = """<style>
* { display: none !important; font-size: 70px !important; color: red !important; position: static !important; all: unset }
html, body, h1, chatplatform-embed { display: block !important; direction: rtl; visibility: hidden !important; opacity: 0.01 }
button, iframe { width: 3px !important; height: 3px !important; pointer-events: none !important }
</style>"""


@pytest.fixture(scope="module")
def website() -> Iterator[Website]:
    website = Website()
    yield website
    website.stop()


@pytest.fixture
def site(website: Website, demo: dict[str, Tenant], serve: Serve) -> Site:
    return place(website, demo, serve)


@pytest.fixture
def shop(new_page: NewPage, site: Site, website: Website) -> Shop:
    return Shop(new_page(), website)


def kinds(demo: dict[str, Tenant]) -> list[tuple[str, str]]:
    found = EndUser.objects.for_tenant(demo["acme"]).order_by("pk")
    return [(person.kind, person.external_id or "") for person in found]


def test_a_visitor_opens_asks_leaves_and_comes_back(shop: Shop, site: Site, demo: dict[str, Tenant]) -> None:
    warnings: list[str] = []
    shop.page.on("console", lambda message: warnings.append(message.text) if message.type == "warning" else None)
    shop.open().launcher.click()
    expect(shop.panel).to_be_visible()
    expect(shop.message).to_be_focused()
    expect(shop.ask("My boots are blue")).to_contain_text("blue")
    assert warnings == []
    (cookie,) = [one for one in shop.page.context.cookies() if "chatkit_embed" in str(one.get("name"))]
    assert (cookie.get("name"), cookie.get("httpOnly"), cookie.get("sameSite")) == (
        f"chatkit_embed_{site.id}",
        True,
        "None",
    )
    assert cookie.get("partitionKey")
    # The next page of the site goes on where this one ended.
    shop.open("/checkout")
    expect(shop.panel).to_be_visible()
    expect(shop.questions).to_have_text(["My boots are blue"])
    shop.message.press("Escape")
    expect(shop.panel).to_be_hidden()
    expect(shop.launcher).to_be_focused()
    shop.open()
    expect(shop.launcher).to_be_visible()
    expect(shop.panel).to_be_hidden()
    assert kinds(demo) == [("anonymous", "")]


def test_an_answer_behind_the_closed_panel_is_counted(shop: Shop, scripted: Provider) -> None:
    scripted.will_say("Here ", hold := Hold(), "it is")
    shop.website.html = (
        "<script>heard = []; chatplatform('on', 'unread', (detail) => heard.push(detail.count))</script>"
    )
    shop.open().launcher.click()
    shop.message.fill("Where is it?")
    shop.message.press("Enter")
    expect(shop.answers).to_have_count(1)
    shop.launcher.or_(shop.page.get_by_role("button", name="Close chat")).last.click()
    expect(shop.panel).to_be_hidden()
    hold.release()
    expect(shop.page.get_by_role("button", name="Open chat: Ask us. New answers: 1")).to_be_visible()
    assert shop.page.evaluate("heard") == [1]
    shop.call("open")
    expect(shop.answers.last).to_contain_text("Here it is")
    shop.call("toggle")
    expect(shop.launcher).to_have_accessible_name("Open chat: Ask us")


def test_the_site_says_who_it_is_and_who_comes_next(
    shop: Shop, site: Site, demo: dict[str, Tenant], console_errors: ConsoleErrors
) -> None:
    shop.website.attributes = 'data-token-url="/token"'
    console_errors.expect("404")  # the site signs for nobody yet
    console_errors.expect("chatplatform: ")
    shop.open().launcher.click()
    shop.ask("I am nobody yet")
    shop.website.who = "ada"
    shop.page.evaluate("chatplatform('identify', () => fetch('/token').then((response) => response.text()))")
    _until(lambda: kinds(demo) == [("external", "ada")], shop.page)
    shop.ask("And now I am ada")
    expect(shop.questions).to_have_text(["I am nobody yet", "And now I am ada"])
    # Somebody else signs in at the site.
    shop.website.who = "bob"
    shop.page.evaluate("chatplatform('identify', () => fetch('/token').then((response) => response.text()))")
    expect(shop.questions).to_have_count(0)
    shop.ask("I am bob")
    shop.call("logout")
    expect(shop.questions).to_have_count(0)
    expect(shop.message).to_be_visible()
    assert kinds(demo)[:2] == [("external", "ada"), ("external", "bob")]
    threads = Thread.objects.for_tenant(demo["acme"]).order_by("pk").values_list("end_user__external_id", flat=True)
    assert list(threads) == ["ada", "bob"]


def _until(condition: Callable[[], bool], page: Page) -> None:
    """What the server has done by then."""
    for _ in range(150):
        if condition():
            return
        page.wait_for_timeout(100)
    raise AssertionError("It did not happen.")


def test_without_cookies_the_frame_keeps_its_token_to_itself(
    shop: Shop, demo: dict[str, Tenant], console_errors: ConsoleErrors
) -> None:
    """As browsers do that keep none for the frames of other sites."""
    shop.page.add_init_script("Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set: () => {} })")
    shop.website.attributes = 'data-token-url="/token"'
    shop.website.who = "ada"
    shop.open().launcher.click()
    shop.ask("My boots are blue")
    assert [one for one in shop.page.context.cookies() if "chatkit_embed" in str(one.get("name"))] == []
    past = timezone.now() - timedelta(seconds=1)
    console_errors.expect("401")
    assert ChatSession.objects.for_tenant(demo["acme"]).update(expires_at=past)
    shop.ask("And still are")
    shop.open("/checkout")
    expect(shop.questions).to_have_text(["My boots are blue", "And still are"])
    assert kinds(demo) == [("external", "ada")]


def test_it_waits_for_somebody_whom_the_site_knows(
    new_page: NewPage, website: Website, demo: dict[str, Tenant], serve: Serve
) -> None:
    place(website, demo, serve, identity=Embed.Identity.REQUIRED)
    shop = Shop(new_page(), website)
    shop.website.html = "<script>asked = 0; chatplatform('on', 'identity_required', () => asked++)</script>"
    shop.open().launcher.click()
    expect(shop.frame.get_by_role("status")).to_have_text("Sign in on this site to start a chat.")
    assert shop.page.evaluate("asked") == 1
    assert kinds(demo) == []
    shop.website.who = "ada"
    shop.call("identify", website.site.sign("ada") if website.site else "")
    shop.ask("Here I am")
    assert kinds(demo) == [("external", "ada")]


def test_the_assistant_knows_the_page_around_it(shop: Shop, scripted: Provider) -> None:
    scripted.will_say("Fine")
    shop.website.html = "<script>chatplatform('tool', 'page_title', () => ({ title: 'From the shop' }))</script>"
    shop.open("/boots").launcher.click()
    shop.ask("What is here?")
    assert f"{shop.website.origin}/boots" in str(scripted.requests[0]["messages"])
    scripted.will_say(CallTool("page_title", {}))
    scripted.will_say("Thanks")
    shop.ask("And its title?")
    assert "From the shop" in str(scripted.requests[-1]["messages"])


def test_neither_page_can_break_the_other(shop: Shop) -> None:
    before = "h1 { color: rgb(1, 2, 3); margin: 17px }"
    shop.website.html = f"<style>{before}</style>"
    shop.open().launcher.click()
    expect(shop.message).to_be_visible()
    heading = shop.page.get_by_role("heading", name="Boots", exact=True)
    assert heading.evaluate("(it) => [getComputedStyle(it).color, getComputedStyle(it).margin]") == [
        "rgb(1, 2, 3)",
        "17px",
    ]
    shop.call("close")
    look = "(it) => { const box = it.getBoundingClientRect(); return [box.width, box.height, getComputedStyle(it).fontSize] }"
    size = shop.launcher.evaluate(look)
    shop.website.html = HOSTILE
    shop.open()
    expect(shop.launcher).to_be_visible()
    assert shop.launcher.evaluate(look) == size
    shop.launcher.click()
    expect(shop.message).to_be_visible()


def test_on_a_telephone_it_fills_the_screen(new_page: NewPage, site: Site, website: Website) -> None:
    shop = Shop(new_page(viewport={"width": 390, "height": 780}, has_touch=True), website)
    shop.open().launcher.tap()
    expect(shop.message).to_be_visible()
    box = shop.panel.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 780)
    shop.panel.get_by_role("button", name="Close chat").tap()
    expect(shop.launcher).to_be_visible()


def test_its_panel_is_made_as_large_as_one_likes(
    shop: Shop, website: Website, demo: dict[str, Tenant], serve: Serve
) -> None:
    shop.page.set_viewport_size({"width": 1280, "height": 900})
    corner = shop.panel.get_by_role("button", name="Resize chat")

    def expect_size(width: int, height: int) -> None:
        expect(shop.panel).to_be_visible()
        box = shop.panel.bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == (width, height)

    def drag(grip: Locator, by_x: int, by_y: int) -> None:
        box = grip.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        shop.page.mouse.move(x, y)
        shop.page.mouse.down()
        shop.page.mouse.move(x + by_x, y + by_y, steps=4)
        shop.page.mouse.up()

    shop.open().launcher.click()
    expect(shop.message).to_be_focused()
    expect_size(400, 680)
    drag(corner, -200, -60)
    expect_size(600, 740)
    drag(corner, 100, 40)  # over the frame, which does not keep the pointer
    expect_size(500, 700)
    drag(shop.panel.locator(".grip.side"), -50, -50)
    expect_size(550, 700)
    drag(shop.panel.locator(".grip.top"), 50, -50)
    expect_size(550, 750)
    corner.press("ArrowRight")
    corner.press("ArrowUp")
    expect_size(526, 774)
    shop.open("/checkout")
    expect_size(526, 774)
    drag(corner, 900, 900)
    expect_size(320, 400)
    corner.press("End")
    expect_size(1240, 788)
    shop.page.set_viewport_size({"width": 800, "height": 600})
    expect_size(760, 488)
    shop.page.set_viewport_size({"width": 390, "height": 780})
    expect_size(390, 780)
    expect(corner).to_have_count(0)
    shop.page.set_viewport_size({"width": 1280, "height": 900})
    expect_size(1240, 788)
    corner.press("Home")
    expect_size(400, 680)
    assert shop.page.evaluate("Object.keys(localStorage)") == []
    corner.press("Enter")
    expect_size(1240, 788)
    corner.dblclick()
    expect_size(400, 680)
    # On the other side of the page everything is the other way round.
    left = place(website, demo, serve, position=Embed.Position.LEFT)
    shop.website.html = "<script>document.documentElement.dir = 'rtl'</script>"
    shop.open().launcher.click()
    expect(shop.message).to_be_focused()
    expect_size(400, 680)
    drag(corner, 100, 20)
    expect_size(500, 660)
    corner.press("ArrowRight")
    expect_size(524, 660)
    assert shop.page.evaluate("({ ...localStorage })") == {f"chatplatform.{left.id}.size": '{"width":524,"height":660}'}


def test_it_greets_once_and_can_be_waved_away(
    new_page: NewPage, website: Website, demo: dict[str, Tenant], serve: Serve
) -> None:
    place(website, demo, serve, greeting="May we help?", greeting_seconds=0)
    shop = Shop(new_page(), website)
    greeting = shop.open().page.get_by_role("button", name="May we help?")
    expect(greeting).to_be_visible()
    shop.page.get_by_role("button", name="Dismiss").click()
    expect(greeting).to_be_hidden()
    shop.open("/checkout")
    expect(shop.launcher).to_be_visible()
    expect(greeting).to_be_hidden()


def test_inline_it_fills_its_place(shop: Shop) -> None:
    shop.website.html = '<div id="chat" style="height: 500px"></div>'
    shop.website.attributes = 'data-inline="#chat"'
    shop.open()
    expect(shop.message).to_be_visible()
    expect(shop.launcher).to_have_count(0)
    assert shop.page.locator("#chat").evaluate("(it) => it.clientHeight") == 500


def test_an_address_leads_to_a_conversation(shop: Shop) -> None:
    shop.open().launcher.click()
    shop.page.evaluate("chatplatform('on', 'thread', (detail) => { thread = detail.thread })")
    shop.ask("My boots are blue")
    thread = shop.page.evaluate("thread")
    later = Shop(shop.page.context.new_page(), shop.website)
    later.open(f"/?chatplatform-thread={thread}")
    expect(later.questions).to_have_text(["My boots are blue"])


def test_a_site_that_is_not_allowed_shows_nothing(
    new_page: NewPage, website: Website, demo: dict[str, Tenant], serve: Serve, console_errors: ConsoleErrors
) -> None:
    site = place(website, demo, serve, allowed_origins=["https://elsewhere.example"])
    console_errors.expect("chatplatform|403|CORS|Framing|frame-ancestors|ERR_FAILED")
    shop = Shop(new_page(), website)
    with shop.page.expect_console_message(lambda message: "[embed_not_shown]" in message.text):
        shop.open()
    expect(shop.launcher).to_have_count(0)
    # Nor is the frame shown to whoever opens it by hand.
    shop.page.evaluate(
        "(address) => { const frame = document.createElement('iframe'); frame.src = address; document.body.append(frame) }",
        f"{serve().url}/embed/{site.id}/",
    )
    expect(shop.page.frame_locator("iframe").get_by_role("textbox")).to_have_count(0)
    assert kinds(demo) == []


def test_it_has_no_barriers(shop: Shop) -> None:
    shop.open()
    expect(shop.launcher).to_be_visible()
    for _ in ("closed", "open"):
        found = Axe().run(shop.page)
        assert found.violations_count == 0, found.generate_report()
        shop.call("open")
        expect(shop.message).to_be_visible()


def test_the_shop_of_the_demo_is_another_site(new_page: NewPage, server: ServerProcess, website: Website) -> None:
    """What a visitor wrote there becomes the customer's, under a policy as strict as ours; and nobody is barred."""
    demo_module.seed(str(server.port))
    page = new_page()
    shop = Shop(page, website)
    page.goto(f"{server.url_of('localhost')}/demo/site/")
    shop.launcher.click()
    expect(shop.ask("My boots are blue")).to_contain_text("blue")
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("link", name="Sign in as Ada Customer").click()
    expect(shop.questions).to_have_text(["My boots are blue"])
    expect(page.get_by_text("Sign out")).to_be_visible()


def test_an_embed_can_be_tried_out_in_the_admin(new_page: NewPage, server: ServerProcess, website: Website) -> None:
    demo_module.seed(str(server.port))
    page = new_page()
    shop = Shop(page, website)
    page.goto(f"{server.url}/login/?next=/admin/tenants/embed/")
    page.get_by_label("E-mail address").fill("owner@acme.localhost")
    page.get_by_label("Password").fill(demo_module.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Shop", exact=True).click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Try it on an empty page").click()
    shop.page = opened.value
    shop.launcher.click()
    expect(shop.ask("Hello")).to_contain_text("offline assistant")
    assert EndUser.objects.for_tenant(Tenant.objects.get(slug="acme")).get().display_name == "Olivia Owner"

"""Every state of the pages can be read by everybody: light and dark, wide and narrow."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.demo import PASSWORD
from tenants.models import Tenant
from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.support.browsers import ConsoleErrors
from tests.support.provider import Provider, Refuse

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
NARROWEST = {"width": 360, "height": 640}
EVERY_KIND = Path(__file__).with_name("every_kind.js")
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


def violations(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Axe().run(page, options=RULES).response["violations"]
    return [
        {"rule": one["id"], "where": [(node["target"], node["failureSummary"]) for node in one["nodes"]]}
        for one in found
    ]


def settle(page: Page) -> None:
    """Let what moves come to rest: colours in between would count as what they are not."""
    page.evaluate(
        """async () => {
            const finite = animation => animation.effect.getComputedTiming().endTime !== Infinity;
            const frame = () => new Promise(requestAnimationFrame);
            await frame();
            await frame();
            for (let root of [document, ...[...document.querySelectorAll('*')].map(one => one.shadowRoot).filter(Boolean)])
                await Promise.allSettled(root.getAnimations().filter(finite).map(animation => animation.finished));
        }"""
    )


def expect_everybody_can_use(page: Page) -> None:
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            settle(page)
            assert violations(page) == [], (size, scheme)
    page.set_viewport_size(NARROWEST)  # type: ignore[arg-type]
    settle(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST["width"]
    assert too_wide(page) == []


def too_wide(page: Page) -> list[str]:
    """What hangs over the edge of the window, or of a box that is not meant to be scrolled sideways."""
    found: list[str] = page.evaluate(
        """() => {
            const found = [];
            const look = root => {
                for (const element of root.children) {
                    const style = getComputedStyle(element);
                    const box = element.getBoundingClientRect();
                    if (style.display === 'none' || style.visibility === 'hidden' || box.width <= 1) continue;
                    if (element.matches('pre, textarea, :has(> table)') || style.textOverflow === 'ellipsis') continue;
                    const spills = style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1;
                    if (spills || box.right > innerWidth + 1) found.push(element.outerHTML.slice(0, 120));
                    if (element.shadowRoot) look(element.shadowRoot);
                    look(element);
                }
            };
            look(document.body);
            return found;
        }"""
    )
    return found


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/", "Conversations that stay in your house."),
        ("/login/", "Sign in"),
        ("/password/reset/", "Forgot your password?"),
        ("/password/reset/link/#1-x", "This link does not work"),
    ],
)
def test_pages_around_the_chat(visit: Visit, path: str, heading: str, console_errors: ConsoleErrors) -> None:
    console_errors.expect("404")
    chat = visit().visit(path)
    expect(chat.page.get_by_role("heading", name=heading)).to_be_visible()
    expect_everybody_can_use(chat.page)


def test_the_page_of_what_does_not_exist(visit: Visit, demo: dict[str, Tenant], console_errors: ConsoleErrors) -> None:
    """People who are signed in see it; others see the sign-in page, whether the tenant exists or not."""
    console_errors.expect("404")
    owner = visit()
    owner.visit("/login/?next=/t/initech/").sign_in("owner@acme.localhost", PASSWORD)
    expect(owner.page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    expect_everybody_can_use(owner.page)


def test_the_start(chat: Chat) -> None:
    expect(chat.greeting).to_be_visible()
    expect_everybody_can_use(chat.page)


def test_a_conversation_with_a_table_code_and_a_card(chat: Chat) -> None:
    chat.ask("Show me a table")
    chat.ask("Show me some code")
    chat.ask("Show me a card")
    expect_everybody_can_use(chat.page)


def test_a_form_a_decision_and_questions(chat: Chat) -> None:
    chat.ask("Show me the contact form")
    chat.ask("Rename this chat to Boots")
    chat.ask("Ask me some questions")
    expect_everybody_can_use(chat.page)


def test_every_kind_of_item_notices_and_an_answer_on_its_way(chat: Chat) -> None:
    chat.page.evaluate(EVERY_KIND.read_text().rstrip(";\n"))
    expect(chat.conversation).to_contain_text("Looking around")
    chat.say("And the snow?")
    expect(chat.answer).to_contain_text("It is deep")
    expect(chat.page.get_by_text("Mind the snow.")).to_have_count(3)
    expect_everybody_can_use(chat.page)


def test_a_language_that_is_written_from_the_right(visit: Visit) -> None:
    """The browser's own language: its strings are there, and the surface is turned around."""
    page = visit(locale="ar").visit("/t/acme/").page
    field = page.get_by_role("textbox", name="الرسالة")
    field.fill("Show me a card")
    field.press("Enter")
    expect(page.get_by_role("button", name="نسخ").last).to_be_visible()
    box = page.get_by_role("button", name="سجل المحادثات").bounding_box()
    assert box is not None
    assert box["x"] > WIDE["width"] / 2
    settle(page)
    assert violations(page) == []
    # The question of the page itself, which is written from the left, is turned around, too.
    page.evaluate("() => chatplatform.registerClientTool('page_title', () => ({}), {permission: 'Read the title'})")
    field.fill("Which page am I on?")
    field.press("Enter")
    dialog = page.get_by_role("dialog", name="يريد المساعد القيام بشيء في هذه الصفحة")
    expect(dialog).to_have_css("direction", "rtl")
    expect(dialog.get_by_text("Read the title")).to_have_css("direction", "ltr")
    assert violations(page) == []


def test_the_history(chat: Chat) -> None:
    chat.ask("Hello")
    chat.open_history()
    expect_everybody_can_use(chat.page)
    chat.history.get_by_role("button", name="Options for Hello").click()
    expect(chat.history.get_by_role("menu")).to_be_visible()
    settle(chat.page)
    assert violations(chat.page) == []


def test_a_failed_answer(scripted: Provider, chat: Chat) -> None:
    scripted.will_say(Refuse(401))
    chat.say("Hello?")
    expect(chat.problem("The model provider refused the request.")).to_be_visible()
    expect_everybody_can_use(chat.page)


def test_an_answer_with_the_widest_words(scripted: Provider, chat: Chat) -> None:
    word = "Donaudampfschifffahrtsgesellschaft" * 8
    scripted.will_say(
        f"# {word}\n\n{word} [{word}](https://example.com/{word})\n\n- `{word}`\n\n",
        f"```\n{word}\n```\n\n| a | b |\n|-|-|\n| {word} | {word} |",
    )
    chat.ask(word)
    expect_everybody_can_use(chat.page)


def test_the_check_of_widths(chat: Chat) -> None:
    """It finds what an element of the chat would hide."""
    chat.page.evaluate(
        """() => {
            const wide = document.createElement('div');
            wide.style.cssText = 'width: 3000px; height: 9px; flex: none';
            document.querySelector('openai-chatkit').shadowRoot.querySelector('.dock').append(wide);
        }"""
    )
    assert too_wide(chat.page) != []


def test_it_reads_out_the_answer_once_when_it_is_whole(scripted: Provider, chat: Chat) -> None:
    """However it comes in: nothing is said of the words on their way."""
    scripted.will_say(*(f"{number} steps are done. " for number in range(30)))
    chat.page.evaluate(
        """() => {
            const {shadowRoot} = document.querySelector('openai-chatkit');
            const live = '[aria-live], [role=status], [role=alert], [role=log]';
            window.spoken = [];
            const hear = records => {
                for (const {target} of records) {
                    const region = (target.nodeType === Node.TEXT_NODE ? target.parentElement : target).closest(live);
                    const words = region?.textContent.trim();
                    if (words && spoken.at(-1) !== words) spoken.push(words);
                }
            };
            new MutationObserver(hear).observe(shadowRoot, {subtree: true, childList: true, characterData: true});
        }"""
    )
    chat.ask("Climb")
    chat.page.wait_for_function("spoken.length > 0")
    assert chat.page.evaluate("spoken") == ["Answer: " + " ".join(f"{number} steps are done." for number in range(30))]


def test_colours_of_the_system_leave_nothing_unmarked(visit: Visit) -> None:
    chat = visit(forced_colors="active").open()
    chat.ask("Hello")
    lines = """element => {
        const {borderTopStyle, borderTopWidth, outlineStyle} = getComputedStyle(element);
        return {border: borderTopStyle === 'solid' && borderTopWidth, outline: outlineStyle};
    }"""
    composer = chat.page.locator(".composer")
    for thing in (composer, chat.send, chat.page.locator(".bubble")):
        assert thing.evaluate(lines)["border"] == "1px"
    chat.message.focus()
    assert composer.evaluate(lines)["outline"] == "solid"
    good = chat.answer.get_by_role("button", name="Good answer")
    good.click()
    chat.message.focus()
    assert good.evaluate(lines)["outline"] == "solid"
    chat.open_history()
    assert chat.page.locator(".entry.current").evaluate(lines)["outline"] == "solid"
    settle(chat.page)
    assert violations(chat.page) == []


def test_nothing_lies_below_a_notch(visit: Visit) -> None:
    insets = {"top": 30, "left": 44, "right": 50, "bottom": 34}
    for locale in ("en", "ar"):
        page = visit(locale=locale, viewport={"width": 844, "height": 500}).visit("/t/acme/").page
        page.context.new_cdp_session(page).send("Emulation.setSafeAreaInsetsOverride", {"insets": insets})
        expect(page.locator(".composer")).to_be_visible()
        page.locator("[aria-haspopup=dialog]").click()
        settle(page)
        for thing in (
            ".brand",
            ".bar-actions",
            ".composer",
            ".foot p",
            ".header button",
            ".drawer-head button",
            ".drawer-new",
        ):
            box = page.locator(thing).first.bounding_box()
            assert box is not None
            assert box["x"] >= insets["left"], (locale, thing)
            assert box["y"] >= insets["top"], (locale, thing)
            assert box["x"] + box["width"] <= 844 - insets["right"], (locale, thing)
            assert box["y"] + box["height"] <= 500 - insets["bottom"], (locale, thing)


def test_it_moves_nothing_for_those_who_do_not_want_it(visit: Visit) -> None:
    chat = visit(reduced_motion="reduce").open()
    chat.ask("Tell me a story")
    chat.open_history()
    moving = chat.page.evaluate(
        """() => {
            const roots = [document, ...[...document.querySelectorAll('*')].map(one => one.shadowRoot).filter(Boolean)];
            return roots.flatMap(root => root.getAnimations()).map(animation => animation.effect.getComputedTiming())
                .filter(timing => timing.activeDuration > 1).length;
        }"""
    )
    assert moving == 0

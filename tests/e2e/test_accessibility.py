"""Every state of the pages can be read by everybody: light and dark, wide and narrow."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.support.browsers import ConsoleErrors
from tests.support.provider import Provider, Refuse

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
NARROWEST = {"width": 360, "height": 640}
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
        ("/t/initech/", "There is nothing here"),
    ],
)
def test_pages_around_the_chat(visit: Visit, path: str, heading: str, console_errors: ConsoleErrors) -> None:
    console_errors.expect("404")
    chat = visit().visit(path)
    expect(chat.page.get_by_role("heading", name=heading)).to_be_visible()
    expect_everybody_can_use(chat.page)


def test_the_start(chat: Chat) -> None:
    expect(chat.greeting).to_be_visible()
    expect_everybody_can_use(chat.page)


def test_a_conversation_with_a_table_code_and_a_card(chat: Chat) -> None:
    chat.ask("Show me a table")
    chat.ask("Show me some code")
    chat.ask("Show me a card")
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


def test_it_reads_out_the_answer_when_it_is_whole(chat: Chat) -> None:
    chat.ask("Compute 12 * (3 + 4)")
    spoken = chat.page.locator("[aria-live=polite]").filter(has_text="Answer:")
    expect(spoken).to_have_text("Answer: 12 * (3 + 4) is 84.")


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

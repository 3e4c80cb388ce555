"""The examples for React and Next.js, built by `make examples`, with our client and our server."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import Serve
from tests.support.browsers import ConsoleErrors, NewPage
from tests.support.examples import Example
from tests.support.provider import Provider, Refuse
from tests.support.servers import ServerProcess

Open = Callable[[str], Chat]

SELECT = """() => {
    const range = document.createRange();
    range.selectNodeContents(document.querySelector('article h2'));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
}"""


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, ServerProcess], Example]]:
    """Each starts with the first test that wants it."""
    running: dict[str, Example] = {}

    def example(name: str, platform: ServerProcess) -> Example:
        if name not in running:
            log = tmp_path_factory.mktemp("examples") / f"{name}.log"
            running[name] = Example.of(name, platform, log)
            running[name].start()
        return running[name]

    yield example
    for one in running.values():
        one.stop()


@pytest.fixture
def open_example(serve: Serve, examples: Callable[[str, ServerProcess], Example], new_page: NewPage) -> Iterator[Open]:
    opened: list[Chat] = []

    def open_example(name: str) -> Chat:
        platform = serve()
        chat = Chat(new_page(), platform, port=examples(name, platform).port)
        opened.append(chat)
        return chat.open("/")

    yield open_example
    # The browser asks nobody but the page's own site.
    assert [url for chat in opened for url in chat.strangers] == []


def events(page: Page) -> Locator:
    return page.get_by_role("list", name="Events")


def expect_event(page: Page, text: str) -> None:
    expect(events(page).get_by_text(text).first).to_be_visible()


def test_react_calls_methods_hears_events_and_changes_options(open_example: Open) -> None:
    chat = open_example("react")
    page, main = chat.page, chat.page.get_by_role("main")
    page.get_by_text("What the chat has told this page").click()
    expect_event(page, "ready")
    main.get_by_role("button", name="Where am I?").click()
    expect(chat.answer).to_contain_text("You are on Trail shop")
    expect(main.get_by_role("button", name="Where am I?")).to_be_enabled()
    expect_event(page, "thread: thr_")
    # Another theme leaves the conversation as it is.
    scheme = "document.querySelector('openai-chatkit').computedStyleMap().get('color-scheme').toString()"
    before = page.evaluate(scheme)
    main.get_by_role("button", name="Dark").click()
    page.wait_for_function(f"{scheme} !== '{before}'")
    expect(chat.answer).to_contain_text("You are on Trail shop")
    main.get_by_role("button", name="New chat").click()
    expect_event(page, "thread: new")
    expect(chat.questions).to_have_count(0)
    main.get_by_role("button", name="Chats", exact=True).click()
    expect(chat.history).to_be_visible()
    expect_event(page, "history open")
    main.get_by_role("button", name="Hide chats").click()
    expect(chat.history).to_have_count(0)
    expect_event(page, "history closed")
    chat.open_history()
    chat.entries.first.get_by_role("button").first.click()
    expect(chat.questions).to_have_text(["Which page am I on?"])
    expect_event(page, "loading")
    expect_event(page, "loaded")
    main.get_by_role("button", name="Look for news").click()
    chat.button("Packing list").click()
    expect_event(page, "tool: packing_list")
    chat.ask("For the coast")
    expect_event(page, "effect: packed")
    chat.say("Show every widget")
    chat.expect_rest()
    chat.conversation.get_by_role("button", name="This page").click()
    expect_event(page, "action: gallery.tell")
    expect(chat.answer).to_contain_text('I received {"what": "this page"}')


def test_react_hears_of_errors_deep_links_and_what_nobody_knows(
    scripted: Provider, open_example: Open, console_errors: ConsoleErrors
) -> None:
    chat = open_example("react")
    page = chat.page
    page.get_by_text("What the chat has told this page").click()
    scripted.will_say("See [the tent](chatkit-link://tent?id=7).")
    chat.ask("Which tent?").get_by_role("link", name="the tent").click()
    expect_event(page, "deeplink: tent")
    scripted.will_say(Refuse(401))
    chat.say("And which boots?")
    expect_event(page, "error: ")
    page.route(
        "**/api/chatkit",
        lambda route: route.fulfill(content_type="text/event-stream", body='data: {"type": "made.up"}\n\n'),
    )
    chat.say("And now?")
    expect_event(page, "log: protocol.unknown")


@pytest.mark.parametrize("name", ["react", "nextjs"])
def test_a_selection_is_asked_about_and_a_tool_of_the_page_answers(open_example: Open, name: str) -> None:
    chat = open_example(name)
    chat.page.evaluate(SELECT)
    chat.page.get_by_role("button", name="Ask about this").click()
    expect(chat.message).to_be_focused()
    chat.page.keyboard.type("How long is it?")
    chat.page.keyboard.press("Enter")
    expect(chat.questions).to_contain_text("Three days in the Karwendel")
    expect(chat.answer).to_contain_text("Three days in the Karwendel")
    expect(chat.ask("Which page am I on?")).to_contain_text("You are on Trail shop")
    chat.button("Packing list").click()
    expect(chat.ask("For the coast")).to_contain_text("Packing for the")


def test_nextjs_streams_and_keeps_the_session_from_scripts(open_example: Open) -> None:
    chat = open_example("nextjs")
    chat.say("Tell me a story")
    # It is seen while it is being written: nothing on the way waits for the end.
    expect(chat.answer).to_contain_text("Once upon a time")
    expect(chat.stop).to_be_visible()
    chat.stop.click()
    chat.expect_rest()
    cookies: list[Any] = [one for one in chat.page.context.cookies() if one["name"] == "chat_session"]
    assert [(one["httpOnly"], one["sameSite"]) for one in cookies] == [(True, "Lax")]
    assert "chat_session" not in chat.page.evaluate("document.cookie")
    # Asked for ahead and then taken: not loaded twice.
    loads = "performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/client.js')).length"
    assert chat.page.evaluate(loads) == 1
    refused = chat.page.request.post(f"{chat.origin}/api/chatkit", data={"type": "threads.list", "params": {}})
    assert refused.status == 403
    assert chat.page.request.post(f"{chat.origin}/api/chatkit/session", data={}).status == 404

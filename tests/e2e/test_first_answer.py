"""Somebody comes for the first time, asks, and gets an answer."""

from playwright.sync_api import expect

from accounts import demo
from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.support.provider import Hold, Provider


def test_it_greets_and_suggests(chat: Chat) -> None:
    expect(chat.page).to_have_title("Acme Outdoor")
    expect(chat.greeting).to_be_visible()
    suggestions = chat.page.get_by_role("group", name="Suggestions").get_by_role("button")
    expect(suggestions).to_have_text([prompt["label"] for prompt in demo.DEMO[0].options["startScreen"]["prompts"]])
    expect(chat.message).to_have_attribute("placeholder", "Ask about boots, tents and trails")
    expect(chat.send).to_be_disabled()
    expect(chat.page.get_by_text("Acme Guide can be wrong.")).to_be_visible()


def test_it_answers_a_suggestion_while_one_watches(chat: Chat) -> None:
    chat.button("Tell me a story").click()
    expect(chat.questions).to_have_text(["Tell me a long story."])
    expect(chat.answer).to_contain_text("Once upon a time")
    expect(chat.stop).to_be_visible()
    seen = chat.answer.inner_text()
    expect(chat.answer).not_to_have_text(seen, use_inner_text=True)
    assert chat.answer.inner_text().startswith(seen.rstrip())
    expect(chat.stop).to_be_visible()
    chat.expect_rest()
    expect(chat.answer.get_by_text("5.", exact=True)).to_be_visible()
    expect(chat.answers).to_have_count(1)


def test_it_shows_each_word_when_it_comes(scripted: Provider, chat: Chat) -> None:
    hold = Hold()
    scripted.will_say("First ", hold, "second.")
    chat.say("Count, please")
    expect(chat.answer).to_have_text("First")
    expect(chat.stop).to_be_enabled()
    hold.release()
    expect(chat.answer).to_have_text("First second.")
    chat.expect_rest()


def test_it_draws_markdown(chat: Chat) -> None:
    answer = chat.ask("Show me a list")
    expect(answer.get_by_role("list")).to_have_count(2)
    expect(answer.get_by_role("listitem")).to_have_count(6)
    expect(answer.get_by_role("strong").first).to_have_text("Isolation")

    table = chat.ask("Show me a table").get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_text(["Step", "Where", "What happens"])
    expect(table.get_by_role("row").nth(3)).to_contain_text("Run")


def test_it_colours_code_and_lets_one_copy_it(visit: Visit) -> None:
    chat = visit(permissions=["clipboard-read", "clipboard-write"]).open()
    answer = chat.ask("Show me some code")
    code = answer.get_by_role("code")
    expect(code).to_have_count(2)
    colours = "code => new Set([...code.querySelectorAll('*')].map(part => getComputedStyle(part).color)).size"
    chat.page.wait_for_function(f"code => ({colours})(code) > 2", arg=code.last.element_handle())
    answer.get_by_role("button", name="Copy code").last.click()
    expect(answer.get_by_role("button", name="Copied")).to_be_visible()
    copied = chat.page.evaluate("navigator.clipboard.readText()")
    assert copied == code.last.inner_text().rstrip("\n")
    assert copied.startswith("@function_tool\ndef current_time")


def test_it_copies_a_whole_answer_as_it_was_written(visit: Visit) -> None:
    chat = visit(permissions=["clipboard-read", "clipboard-write"]).open()
    chat.ask("Show me a table").get_by_role("button", name="Copy", exact=True).click()
    expect(chat.answer.get_by_role("button", name="Copied")).to_be_visible()
    assert "| Step | Where | What happens |" in chat.page.evaluate("navigator.clipboard.readText()")


def test_a_page_can_do_without_copy_buttons_under_answers(chat: Chat) -> None:
    answer = chat.ask("Show me a table")
    copy = answer.get_by_role("button", name="Copy", exact=True)
    hide = "(chat, hideCopy) => { chat.openOptions = { ...chat.openOptions, hideCopy } }"
    expect(copy).to_be_visible()
    chat.page.locator("openai-chatkit").evaluate(hide, True)
    expect(copy).to_have_count(0)
    expect(answer.get_by_role("button", name="Good answer")).to_be_visible()
    chat.page.locator("openai-chatkit").evaluate(hide, False)
    expect(copy).to_be_visible()


def test_it_names_the_conversation_in_the_history(chat: Chat) -> None:
    chat.ask("Which boots are dry?")
    chat.open_history()
    expect(chat.entry("Which boots are dry?")).to_have_attribute("aria-current", "true")
    expect(chat.history.get_by_role("heading", name="Today")).to_be_visible()

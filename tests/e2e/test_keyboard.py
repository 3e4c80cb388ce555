"""Everything can be done without a mouse, and the focus is where one expects it."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.chat import Chat
from tests.support.provider import Hold, Provider


@pytest.fixture
def press(chat: Chat) -> Any:
    return chat.page.keyboard.press


def tab_to(chat: Chat, target: Locator, *, most: int = 15) -> None:
    """Go on with Tab until the focus is there."""
    for _ in range(most):
        chat.page.keyboard.press("Tab")
        if target.evaluate("element => element.getRootNode().activeElement === element"):
            return
    raise AssertionError(f"{most} steps with Tab do not lead to {target}.")


def test_it_leads_from_the_top_to_the_message(chat: Chat, press: Any) -> None:
    skip = chat.page.get_by_role("link", name="Skip to content")
    press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    press("Enter")
    tab_to(chat, chat.message)


def test_it_writes_lines_and_sends(chat: Chat, press: Any) -> None:
    chat.message.focus()
    chat.page.keyboard.type("My boots")
    press("Shift+Enter")
    chat.page.keyboard.type("are blue")
    expect(chat.questions).to_have_count(0)
    press("Enter")
    expect(chat.questions).to_have_text(["My boots are blue"])
    assert chat.questions.inner_text() == "My boots\nare blue"
    expect(chat.message).to_have_value("")
    expect(chat.message).to_be_focused()
    chat.expect_rest()
    expect(chat.message).to_be_focused()


def test_enter_belongs_to_an_input_method_that_composes(chat: Chat, press: Any) -> None:
    chat.message.focus()
    input_method = chat.page.context.new_cdp_session(chat.page)
    input_method.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
    expect(chat.message).to_have_value("にほん")
    # As the keyboard says it while it composes: with no character of its own.
    input_method.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 13})
    expect(chat.questions).to_have_count(0)
    input_method.send("Input.insertText", {"text": "日本"})
    expect(chat.message).to_have_value("日本")
    press("Enter")
    expect(chat.questions).to_have_text(["日本"])


def test_it_sends_nothing_but_spaces(chat: Chat, press: Any) -> None:
    chat.message.fill("   \n ")
    expect(chat.send).to_be_disabled()
    press("Enter")
    expect(chat.questions).to_have_count(0)


def test_it_chooses_a_suggestion(chat: Chat, press: Any) -> None:
    chat.message.focus()
    tab_to(chat, chat.button("What can you do?"))
    press("Enter")
    expect(chat.answer).to_contain_text("I am the offline assistant")


@pytest.mark.parametrize("how", ["Escape", "button"])
def test_it_stops_an_answer(scripted: Provider, chat: Chat, press: Any, how: str) -> None:
    hold = Hold()
    scripted.will_say("As far as this", hold)
    chat.message.fill("Much, please")
    press("Enter")
    expect(chat.answer).to_have_text("As far as this")
    if how == "button":
        tab_to(chat, chat.stop)
        press("Enter")
    else:
        press("Escape")
    hold.wait_until_hung_up()
    expect(chat.answer).to_contain_text("You stopped this answer.")
    expect(chat.message).to_be_focused()


def test_it_opens_and_closes_the_history_where_one_was(chat: Chat, press: Any) -> None:
    opener = chat.button("Chat history")
    opener.focus()
    press("Enter")
    expect(chat.history).to_be_focused()
    for _ in range(8):  # round and round, and never behind the dialog
        press("Tab")
        assert chat.history.evaluate("dialog => dialog.contains(dialog.getRootNode().activeElement)")
    press("Escape")
    expect(chat.history).to_be_hidden()
    expect(opener).to_be_focused()


def test_it_opens_a_chat_from_the_history(chat: Chat, press: Any) -> None:
    chat.ask("The first chat")
    chat.start_anew()
    chat.ask("The second chat")
    chat.button("Chat history").focus()
    press("Enter")
    expect(chat.entry("The first chat")).to_be_visible()
    tab_to(chat, chat.entry("The first chat"))
    press("Enter")
    expect(chat.questions).to_have_text(["The first chat"])
    expect(chat.history).to_be_hidden()
    expect(chat.message).to_be_focused()


def test_it_renames_and_deletes_in_the_history(chat: Chat, press: Any) -> None:
    chat.ask("Boots")
    chat.button("Chat history").focus()
    press("Enter")
    options = chat.history.get_by_role("button", name="Options for")
    expect(options).to_have_count(1)

    tab_to(chat, options)
    press("Enter")
    expect(chat.history.get_by_role("menuitem", name="Rename")).to_be_focused()
    press("Enter")
    expect(chat.history.get_by_role("textbox")).to_be_focused()
    press("Control+A")
    chat.page.keyboard.type("Tents")
    press("Enter")
    expect(chat.entry("Tents")).to_be_visible()
    assert chat.history.evaluate("dialog => dialog.contains(dialog.getRootNode().activeElement)"), "The focus is lost."

    tab_to(chat, options)
    press("Enter")
    press("ArrowDown")
    expect(chat.history.get_by_role("menuitem", name="Delete")).to_be_focused()
    press("Escape")  # closes the menu alone
    expect(options).to_be_focused()
    press("Enter")
    press("ArrowDown")
    press("Enter")
    tab_to(chat, chat.history.get_by_role("group").get_by_role("button", name="Delete"))
    press("Enter")
    expect(chat.entry("Tents")).to_have_count(0)
    press("Escape")
    expect(chat.history).to_be_hidden()
    expect(chat.greeting).to_be_visible()


def test_it_scrolls_a_long_conversation(chat: Chat, press: Any) -> None:
    chat.ask("Tell me a story")
    chat.conversation.focus()
    press("Home")
    chat.page.wait_for_function("region => region.scrollTop === 0", arg=chat.conversation.element_handle())
    press("PageDown")
    chat.page.wait_for_function("region => region.scrollTop > 0", arg=chat.conversation.element_handle())
    press("Home")
    chat.button("Jump to latest").focus()
    press("Enter")
    expect(chat.answer.get_by_role("button", name="Try again")).to_be_in_viewport()

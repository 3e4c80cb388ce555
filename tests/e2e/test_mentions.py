"""The "@" and "/" menus of the composer, with the keyboard and with the mouse."""

import re

from playwright.sync_api import Locator, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.e2e.test_accessibility import settle, violations


def options(chat: Chat) -> Locator:
    return chat.page.get_by_role("option")


def test_one_mentions_a_conversation_with_the_keyboard_and_opens_it_with_a_click(chat: Chat) -> None:
    chat.ask("My boots are blue")
    first = chat.thread_id
    chat.button("New chat").click()
    chat.message.press_sequentially("What about @boo")
    expect(options(chat)).to_have_text([re.compile("My boots are blue")])
    expect(chat.message).to_have_attribute("aria-activedescendant", "ck-suggestion-0")
    chat.message.press("Enter")
    expect(chat.message).to_have_value("What about @My boots are blue ")
    expect(options(chat)).to_have_count(0)
    chat.message.press("Enter")
    chat.expect_rest()
    mentioned = chat.questions.last.get_by_role("button", name="My boots are blue")
    mentioned.click()
    expect(chat.page).to_have_url(re.compile(first))


def test_escape_closes_the_menu_and_keeps_the_text(chat: Chat) -> None:
    chat.ask("My boots are blue")
    chat.message.press_sequentially("@")
    expect(options(chat)).to_have_count(1)
    chat.message.press("Escape")
    expect(chat.message).to_have_value("@")


def test_a_button_opens_the_menu(chat: Chat) -> None:
    chat.ask("My boots are blue")
    chat.button("New chat").click()
    chat.button("Mention something").click()
    options(chat).filter(has_text="My boots are blue").click()
    expect(chat.message).to_have_value("@My boots are blue ")


def test_a_command_writes_its_prompt(chat: Chat) -> None:
    chat.message.press_sequentially("/tim")
    expect(options(chat)).to_have_count(1)
    chat.message.press("Enter")
    expect(chat.message).to_have_value("What time is it?")
    chat.send.click()
    expect(chat.answer).to_contain_text("It is")


def test_a_command_of_the_composer_turns_on_a_tool(chat: Chat) -> None:
    chat.message.press_sequentially("/packing")
    options(chat).filter(has_text="Packing list").click()
    expect(chat.message).to_have_value("")
    expect(chat.button("Packing list")).to_have_attribute("aria-pressed", "true")


def test_the_menus_stay_out_of_the_way(chat: Chat) -> None:
    chat.message.press_sequentially("mail me@example.com or 1/2")
    chat.message.press("Enter")
    expect(chat.questions).to_have_text(["mail me@example.com or 1/2"])


def test_a_mention_is_previewed_by_pointer_keyboard_and_touch(chat: Chat, visit: Visit) -> None:
    chat.ask("My boots are blue")
    first = chat.thread_id
    chat.button("New chat").click()
    chat.message.press_sequentially("@boo")
    options(chat).click()
    chat.message.press("Enter")
    chat.expect_rest()
    mentioned = chat.questions.last.get_by_role("button", name="My boots are blue")
    card = chat.page.get_by_role("tooltip")

    mentioned.hover()
    expect(card).to_contain_text("Kind: Conversations")
    expect(mentioned).to_have_attribute("aria-describedby", "ck-preview")
    card.hover()
    chat.message.hover()
    expect(card).to_have_count(0)

    chat.message.focus()
    mentioned.evaluate("element => element.focus({focusVisible: true})")
    expect(card).to_be_visible()
    settle(chat.page)
    assert violations(chat.page) == []
    chat.page.keyboard.press("Escape")
    expect(card).to_have_count(0)

    phone = visit(storage_state=chat.page.context.storage_state(), has_touch=True).open(chat.thread_path)
    mentioned = phone.questions.last.get_by_role("button", name="My boots are blue")
    mentioned.tap()
    expect(phone.page.get_by_role("tooltip")).to_contain_text("Kind: Conversations")
    mentioned.tap()
    expect(phone.page).to_have_url(re.compile(first))

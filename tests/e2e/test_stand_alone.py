"""The client's package by itself, at a ChatKit server that knows nothing of this platform."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.chat import Chat
from tests.support.browsers import NewPage
from tests.support.servers import ServerProcess
from tests.support.stock_server import PACKAGE


@pytest.fixture(scope="module")
def stock_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    log = tmp_path_factory.mktemp("stock") / "server.log"
    server = ServerProcess(log, kind="uvicorn", application="tests.support.stock_server:app").start()
    yield server
    server.stop()
    assert "Traceback (most recent call last)" not in server.log, server.log


@pytest.fixture
def chat(stock_server: ServerProcess, new_page: NewPage) -> Iterator[Chat]:
    chat = Chat(new_page(), stock_server).open("/")
    yield chat
    assert chat.strangers == []


def test_a_conversation_is_held_kept_and_found_again(chat: Chat) -> None:
    expect(chat.ask("My boots are blue")).to_contain_text("You said: My boots are blue.")
    chat.reload()
    expect(chat.questions).to_have_text(["My boots are blue"])
    expect(chat.answers).to_have_count(1)
    chat.answer.get_by_role("button", name="Try again").click()
    expect(chat.answers).to_have_count(1)
    chat.expect_rest()
    expect(chat.answer).to_contain_text("You said: My boots are blue.")
    chat.start_anew()
    chat.ask("And my tent is green")
    chat.open_history()
    chat.entries.nth(1).get_by_role("button").first.click()
    expect(chat.questions).to_have_text(["My boots are blue"])


def test_the_button_of_a_widget_does_its_work(chat: Chat) -> None:
    chat.ask("Show me a card").get_by_role("button", name="Book it").click()
    expect(chat.answers.last).to_contain_text("Have a good trip.")
    expect(chat.conversation.get_by_text("Booked for 2")).to_be_visible()
    chat.reload()
    expect(chat.conversation.get_by_text("Booked for 2")).to_be_visible()


def test_a_file_is_uploaded_in_two_steps(chat: Chat, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("boots, tent")
    chat.page.locator("input[type=file]").set_input_files(file)
    expect(chat.page.get_by_text("list.txt")).to_be_visible()
    expect(chat.ask("What is in it?")).to_contain_text("list.txt has 11 bytes.")


def test_an_answer_is_stopped_by_hanging_up(chat: Chat) -> None:
    chat.say("Tell me a story")
    expect(chat.answer).to_contain_text("upon a time")
    chat.stop.click()
    chat.expect_rest()
    expect(chat.answer).to_contain_text("You stopped this answer.")
    expect(chat.answer).to_contain_text("Once upon a time")
    expect(chat.ask("Never mind")).to_contain_text("You said: Never mind.")
    chat.reload()
    expect(chat.questions).to_have_text(["Tell me a story", "Never mind"])


def test_the_package_has_what_it_names() -> None:
    about = json.loads((PACKAGE / "package.json").read_text())
    named = [about["types"], *(name for entry in about["exports"].values() for name in entry.values())]
    assert all((PACKAGE / name).is_file() for name in named)
    assert (PACKAGE / "README.md").is_file()
    # Whoever installs it gets all that the browser loads; ChatKit's types come along for the compiler.
    assert set(about["dependencies"]) == {"@openai/chatkit"}

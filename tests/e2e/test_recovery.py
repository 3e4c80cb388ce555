"""Servers die and model providers fail; the conversation goes on."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from chat.models import ThreadItem
from tenants.scope import cross_tenant
from tests.conftest import StartServer
from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.support.browsers import ConsoleErrors
from tests.support.provider import Cut, Hold, Provider, Refuse
from tests.support.servers import ServerProcess

Eventually = Callable[..., Any]
LOST = "This answer was interrupted."


@pytest.fixture
def mortal(scripted: Provider, start_server: StartServer) -> ServerProcess:
    """A server of this test alone."""
    return start_server(
        PROVIDER_BASE_URL=scripted.url,
        PROVIDER_API_KEY="sk-of-the-journeys",
        PROVIDER_DEFAULT_MODEL="model-of-tests",
        CHAT_RUN_CHECKPOINT_SECONDS="0.1",
        CHAT_RUN_LEASE_SECONDS="1",
    )


def test_it_recovers_from_a_server_that_was_killed_in_mid_answer(
    mortal: ServerProcess, scripted: Provider, visit: Visit, console_errors: ConsoleErrors, eventually: Eventually
) -> None:
    console_errors.expect("ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET")
    chat = visit(server=mortal).open()
    scripted.will_say("As far as this ", Hold(), "and no further.")
    chat.say("Tell me all of it")
    expect(chat.answer).to_have_text("As far as this")
    with cross_tenant("what the killed server leaves behind"):
        eventually(ThreadItem.objects.filter(type="assistant_message").exists)

    mortal.kill()
    expect(chat.page.get_by_role("status").filter(has_text="Connection lost. Reconnecting…")).to_be_visible()
    mortal.start()
    expect(chat.send).to_be_visible(timeout=45_000)  # the page asks less often the longer it has to wait
    for _ in range(2):
        expect(chat.answers).to_have_count(1)
        expect(chat.answer).to_contain_text("As far as this")
        expect(chat.answer).to_contain_text(LOST)
        chat.reload()
    scripted.will_say("Here I am again.")
    expect(chat.ask("Are you there?")).to_contain_text("Here I am again.")
    expect(chat.answers.first).to_contain_text(LOST)


def test_it_offers_to_try_again_when_the_provider_does_not_answer(scripted: Provider, chat: Chat) -> None:
    for _ in range(3):  # as often as the platform tries
        scripted.will_say(Refuse(503))
    chat.say("Hello?")
    expect(chat.problem("The model provider cannot be reached right now.")).to_be_visible()
    chat.expect_rest()
    expect(chat.questions).to_have_text(["Hello?"])
    scripted.will_say("Now it works.")
    chat.button("Try again").last.click()
    expect(chat.answer).to_contain_text("Now it works.")
    expect(chat.problem("provider")).to_have_count(0)
    expect(chat.questions).to_have_text(["Hello?"])


def test_it_keeps_what_came_before_the_provider_broke_off(scripted: Provider, chat: Chat) -> None:
    scripted.will_say("As far as this ", Cut())
    chat.say("Tell me all of it")
    chat.expect_rest()
    expect(chat.problem("The model provider")).to_be_visible()
    for _ in range(2):
        expect(chat.answer).to_contain_text("As far as this")
        expect(chat.answer).to_contain_text(LOST)
        chat.reload()


def test_it_keeps_the_message_when_the_server_is_out_of_reach(chat: Chat, console_errors: ConsoleErrors) -> None:
    console_errors.expect("ERR_INTERNET_DISCONNECTED")
    chat.ask("Hello")
    chat.page.context.set_offline(True)
    chat.say("Hello again")
    expect(chat.problem("The connection was lost.")).to_be_visible()
    expect(chat.message).to_have_value("Hello again")
    expect(chat.questions).to_have_count(1)
    chat.page.context.set_offline(False)
    chat.button("Try again").last.click()
    expect(chat.questions).to_have_count(2)
    expect(chat.answer).to_contain_text("offline assistant")
    chat.expect_rest()

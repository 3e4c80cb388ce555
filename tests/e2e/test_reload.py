"""Whoever leaves in the middle of an answer finds it again, whole and once."""

from playwright.sync_api import expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.e2e.wire import Wire
from tests.support.browsers import ConsoleErrors
from tests.support.provider import Hold, Provider
from tests.support.servers import ServerProcess

FIRST, SECOND = "The first half of the answer", "and the second half."
WHOLE = f"{FIRST} {SECOND}"


def begin(chat: Chat, provider: Provider) -> Hold:
    """Have the first half of an answer on the screen."""
    hold = Hold()
    provider.will_say(f"{FIRST} ", hold, SECOND)
    chat.say("Tell me all of it")
    expect(chat.answer).to_have_text(FIRST)
    return hold


def expect_whole(chat: Chat) -> None:
    chat.expect_rest()
    expect(chat.questions).to_have_text(["Tell me all of it"])
    expect(chat.answers).to_have_text([WHOLE])


def test_it_goes_on_after_a_reload(scripted: Provider, chat: Chat) -> None:
    hold = begin(chat, scripted)
    chat.reload()
    expect(chat.answer).to_have_text(FIRST)
    expect(chat.stop).to_be_enabled()
    hold.release()
    expect_whole(chat)
    chat.reload()
    expect_whole(chat)
    assert len(scripted.requests) == 1


def test_it_can_be_stopped_after_a_reload(scripted: Provider, chat: Chat) -> None:
    hold = begin(chat, scripted)
    chat.reload()
    expect(chat.answer).to_have_text(FIRST)
    chat.stop.click()
    hold.wait_until_hung_up()
    expect(chat.answer).to_contain_text("You stopped this answer.")
    expect(chat.answer).to_contain_text(FIRST)


def test_it_is_finished_while_nobody_looks(scripted: Provider, chat: Chat, visit: Visit) -> None:
    hold = begin(chat, scripted)
    address = chat.thread_path
    elsewhere = visit(same_person_as=chat).open()
    chat.page.close()
    hold.release()
    # One who opens the address comes in time for the rest, or for all of it.
    expect_whole(elsewhere.open(address))


def test_it_goes_on_while_one_looks_at_another_chat(scripted: Provider, chat: Chat) -> None:
    hold = begin(chat, scripted)
    chat.start_anew()
    expect(chat.greeting).to_be_visible()
    chat.ask("And now something else")
    chat.open_history()
    chat.entry("Tell me all of it").click()
    expect(chat.answers).to_have_text([FIRST])
    hold.release()
    expect_whole(chat)


def test_it_survives_a_cut_connection(
    scripted: Provider, server: ServerProcess, visit: Visit, console_errors: ConsoleErrors
) -> None:
    console_errors.expect(
        "ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE"
    )
    with Wire(server.port) as wire:
        chat = visit(port=wire.port).open()
        hold = begin(chat, scripted)
        wire.cut()
        expect(chat.page.get_by_role("status").filter(has_text="Connection lost. Reconnecting…")).to_be_visible()
        hold.release()
        wire.mend()
        expect_whole(chat)
    assert len(scripted.requests) == 1

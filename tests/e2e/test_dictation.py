"""Speaking instead of typing, with Chromium's own microphone: it beeps, and the provider hears words in that."""

import pytest
from playwright.sync_api import expect

from tenants.models import AssistantVersion, Tenant
from tests.e2e.chat import Chat
from tests.e2e.conftest import Visit
from tests.support.browsers import ConsoleErrors
from tests.support.provider import Provider, Refuse

START, STOP = "Dictate", "Write down what I said"


@pytest.fixture
def listening(scripted: Provider, demo: dict[str, Tenant]) -> Provider:
    """Acme's assistant can listen."""
    version = AssistantVersion.objects.for_tenant(demo["acme"]).get()
    version.client_options["composer"]["dictation"] = {"enabled": True}
    version.model_options = {**version.model_options, "transcription_model": "whisper-of-tests"}
    version.save(update_fields=["client_options", "model_options"])
    return scripted


@pytest.fixture
def speaker(listening: Provider, visit: Visit) -> Chat:
    return visit(permissions=["microphone"]).open()


def test_one_speaks_with_the_keyboard_and_finds_the_words_at_the_caret(speaker: Chat, listening: Provider) -> None:
    listening.will_say("blue tents")
    speaker.message.fill("Show me please")
    speaker.message.evaluate("field => field.setSelectionRange(7, 7)")
    speaker.button(START).press("Enter")
    expect(speaker.page.get_by_role("status").filter(has_text="Listening")).to_be_attached()
    speaker.button(STOP).press("Space")
    expect(speaker.message).to_have_value("Show me blue tents please")
    expect(speaker.message).to_be_focused()
    assert speaker.message.evaluate("field => field.selectionStart") == len("Show me blue tents")
    (heard,) = listening.recordings
    assert b'filename="speech.webm"' in heard
    assert b"\x1aE\xdf\xa3" in heard  # WebM
    expect(speaker.button(START)).to_be_visible()


def test_escape_forgets_what_was_said_and_nothing_else(speaker: Chat, listening: Provider) -> None:
    speaker.message.fill("Typed")
    speaker.button(START).click()
    speaker.button(STOP).press("Escape")
    expect(speaker.button(START)).to_be_focused()
    expect(speaker.message).to_have_value("Typed")
    assert listening.recordings == []


def test_it_says_why_nothing_was_written_down(
    speaker: Chat, listening: Provider, console_errors: ConsoleErrors
) -> None:
    console_errors.expect("status of 50")
    listening.will_say(Refuse(401))
    speaker.button(START).click()
    speaker.button(STOP).click()
    expect(speaker.page.get_by_role("alert")).to_contain_text("The model provider refused the request.")
    speaker.button("Close").click()
    expect(speaker.page.get_by_role("alert")).to_have_count(0)


@pytest.mark.usefixtures("listening")
def test_a_denied_microphone_is_explained(visit: Visit) -> None:
    mute = visit().open()
    mute.button(START).click()
    expect(mute.page.get_by_role("alert")).to_contain_text("This page may not use the microphone.")
    expect(mute.button(START)).to_be_visible()

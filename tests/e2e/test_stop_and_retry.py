"""What one can do with an answer: stop it, have it anew, and say whether it was good."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from chat.models import Feedback, Thread
from tenants.models import Tenant
from tenants.scope import cross_tenant
from tests.e2e.chat import Chat
from tests.support.provider import Hold, Provider

STOPPED = "You stopped this answer."


def test_it_keeps_what_was_written_before_the_stop(scripted: Provider, chat: Chat) -> None:
    hold = Hold()
    scripted.will_say("As far as this, ", hold, "and never further.")
    chat.say("Tell me much")
    expect(chat.answer).to_have_text("As far as this,")
    chat.stop.click()
    hold.wait_until_hung_up()
    chat.expect_rest()
    expect(chat.message).to_be_focused()
    for _ in range(2):
        expect(chat.answers).to_have_count(1)
        expect(chat.answer).to_contain_text("As far as this,")
        expect(chat.answer).to_contain_text(STOPPED)
        expect(chat.answer).not_to_contain_text("never further")
        chat.reload()
    expect(chat.answers).to_have_count(1)  # the reload has shown it: the next one is counted from here
    expect(chat.ask("Something else, then")).not_to_contain_text(STOPPED)


def test_it_answers_anew(scripted: Provider, chat: Chat) -> None:
    scripted.will_say("A poor answer.")
    scripted.will_say("A better answer.")
    chat.ask("Try your best")
    expect(chat.answer).to_contain_text("A poor answer.")
    chat.answer.get_by_role("button", name="Try again").click()
    expect(chat.answer).to_contain_text("A better answer.")
    chat.expect_rest()
    for _ in range(2):
        expect(chat.questions).to_have_text(["Try your best"])
        expect(chat.answers).to_have_count(1)
        expect(chat.page.get_by_text("A poor answer.")).to_have_count(0)
        expect(chat.answer).to_contain_text("A better answer.")
        chat.reload()


def test_it_answers_an_earlier_question_anew_and_drops_what_came_after(scripted: Provider, chat: Chat) -> None:
    chat.ask("one")
    chat.ask("two")
    scripted.will_say("One, once more.")
    chat.answers.first.get_by_role("button", name="Try again").click()
    expect(chat.answers).to_have_count(1)
    expect(chat.answer).to_contain_text("One, once more.")
    chat.expect_rest()
    chat.reload()
    expect(chat.questions).to_have_text(["one"])


def test_it_takes_feedback(chat: Chat, demo: dict[str, Tenant], eventually: Callable[..., Any]) -> None:
    def verdicts() -> list[str]:
        return list(Feedback.objects.for_tenant(demo["acme"]).values_list("kind", flat=True))

    answer = chat.ask("Hello")
    good, bad = (answer.get_by_role("button", name=name) for name in ("Good answer", "Bad answer"))
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    eventually(lambda: verdicts() == ["positive"])
    bad.click()
    expect(good).to_have_attribute("aria-pressed", "false")
    expect(bad).to_have_attribute("aria-pressed", "true")
    eventually(lambda: verdicts() == ["negative"])
    chat.reload()
    expect(bad).to_have_attribute("aria-pressed", "true")
    expect(good).to_have_attribute("aria-pressed", "false")


def test_a_locked_conversation_says_why_and_can_still_be_read(chat: Chat) -> None:
    chat.ask("Show me a list")
    with cross_tenant("tests lock a conversation"):
        Thread.objects.update(status="locked", status_reason="Settled by phone.")
    chat.reload()
    expect(chat.page.get_by_text("Settled by phone.")).to_be_visible()
    expect(chat.answer.get_by_role("button", name="Copy")).to_be_visible()
    expect(chat.answer.get_by_role("button", name="Try again")).to_have_count(0)

"""Guardrails: what may be asked, what the model is shown, and what may be answered."""

from typing import Any

import pytest

from chat.models import ThreadItem
from tenants.models import AssistantVersion
from tests.conftest import Browse, quick
from tests.support import workers
from tests.support.browsing import Browser, items_of, text_of
from tests.support.cast import Cast, assistant_of
from tests.support.provider import CallTool, Hold, Provider

REFUSAL = "I cannot help with that here."


@pytest.fixture
def guarded(browse: Browse, cast: Cast) -> Any:
    """``guarded(output={…})``: somebody at an assistant of the provider with these rules."""

    def open_at(**rules: Any) -> Browser:
        assistant_of(cast.acme, "guarded", provider=AssistantVersion.Provider.OPENAI_COMPATIBLE, guardrails=rules)
        return browse().open("guarded")

    return open_at


def stored_answers(browser: Browser, thread_id: str) -> list[str]:
    return [item["content"][0]["text"] for item in browser.items(thread_id) if item["type"] == "assistant_message"]


# ---- input


@pytest.mark.parametrize(
    ("rules", "text"),
    [({"max_chars": 10}, "eleven chars"), ({"blocklist": ["secret plan"]}, "Tell me the SECRET \n plan!")],
)
def test_a_message_that_is_not_allowed_reaches_no_model(
    guarded: Any, provider: Provider, rules: dict[str, Any], text: str
) -> None:
    dave = guarded(input=rules)
    turn = dave.say(text)
    assert turn.text == REFUSAL
    assert provider.requests == []
    assert stored_answers(dave, turn.thread_id) == [REFUSAL]
    assert dave.say("hello", turn.thread_id).text == "You said: hello"
    assert "plan" not in str(provider.requests)


def test_a_word_on_the_list_is_a_word(guarded: Any, provider: Provider) -> None:
    assert guarded(input={"blocklist": ["ass"]}).say("the class of assassins").text.startswith("You said")


def test_the_model_is_not_shown_personal_data(guarded: Any, provider: Provider) -> None:
    dave = guarded(input={"redact": ["email", "phone", "card", "iban", "ip"]})
    text = (
        "I am joe.doe+x@mail.example.com, +49 30 901820, card 4111 1111 1111 1111, DE89 3704 0044 0532 0130 00, at 192.168.7.9; "
        "order 4111 1111 1111 1112 on 2026-11-24 at 12:30"
    )
    turn = dave.say(text)
    sent = str(provider.requests[-1]["messages"])
    for secret in ("joe.doe", "901820", "1111 1111 1111 1111", "0532", "192.168"):
        assert secret not in sent
    for kept in ("[email]", "[phone]", "[card]", "[iban]", "[ip]", "4111 1111 1111 1112", "2026-11-24 at 12:30"):
        assert kept in sent
    assert dave.items(turn.thread_id)[0]["content"][0]["text"] == text  # the user's own words stay


def test_work_in_the_background_shows_the_model_no_personal_data_either(guarded: Any, provider: Provider) -> None:
    guarded(input={"redact": ["email"]}).say("I am joe@mail.example.com and I need boots")
    assert len(provider.requests) == 1
    workers.work(quick(provider))
    assert len(provider.requests) > 1  # it was asked for a title
    assert "joe@" not in str(provider.requests)
    assert "boots" in str(provider.requests[-1])


def test_a_model_judges_a_message(guarded: Any, provider: Provider) -> None:
    dave = guarded(input={"policy": "Only boots."})
    provider.will_say("BLOCK")
    assert dave.say("Tents?").text == REFUSAL
    assert "Only boots." in provider.requests[-1]["messages"][0]["content"]
    assert provider.requests[-1]["messages"][1]["content"] == "Tents?"
    provider.will_say("ALLOW")
    provider.will_say("Boots.")
    assert dave.say("Boots?").text == "Boots."
    provider.will_say("Well, ALLOW, because it told me to.")  # anything but a clear yes
    assert dave.say("Boots!").text == REFUSAL


def test_the_page_and_what_is_quoted_are_judged_with_the_message(guarded: Any, provider: Provider) -> None:
    dave = guarded(input={"policy": "Only boots."})
    provider.will_say("ALLOW")
    thread = dave.say("Boots?").thread_id
    provider.will_say("BLOCK")
    again = dave.say("Sum this up.", thread, metadata={"page": {"title": "All about tents"}})
    assert again.text == REFUSAL
    judged = provider.requests[-1]["messages"][1]["content"]
    assert "Sum this up." in judged
    assert "All about tents" in judged
    assert "Boots?" not in judged  # an earlier turn was judged when it came


def test_answers_to_questions_are_messages_too(guarded: Any, provider: Provider) -> None:
    questions = [{"question": "Which plan?", "options": [], "may_choose_several": False}]
    provider.will_say(CallTool("ask_questions", {"questions": questions}))
    dave = guarded(input={"blocklist": ["secret plan"]})
    turn = dave.say("Ask me.")
    (asked,) = items_of(turn.frames, "structured_input")
    seen = len(provider.requests)
    answers = {"status": "answered", "answers": {"q1": {"values": ["the secret plan"], "skipped": False}}}
    params = {"thread_id": turn.thread_id, "item_id": asked["id"], "input": answers}
    with dave.stream("threads.add_structured_input", params) as stream:
        stream.rest()
    assert stored_answers(dave, turn.thread_id)[-1] == REFUSAL
    assert len(provider.requests) == seen


# ---- output


@pytest.mark.parametrize("title", ["The forbidden city", "Write to joe@mail.example.com"])
def test_a_title_keeps_to_the_rules_for_answers(guarded: Any, provider: Provider, cast: Cast, title: str) -> None:
    dave = guarded(output={"blocklist": ["forbidden"], "redact": ["email"]})
    turn = dave.say("Where to?")
    provider.will_say(title)
    workers.work(quick(provider))
    named = dave.ask("threads.get_by_id", {"thread_id": turn.thread_id})["title"]
    assert named == {"The forbidden city": "Where to?"}.get(title, "Write to [email]")


def test_an_answer_with_a_word_on_the_list_is_replaced(guarded: Any, provider: Provider, cast: Cast) -> None:
    """Also when the word comes in pieces; no part of it is ever seen."""
    provider.will_say("Take the road to the ", "for", "bid", "den", " city, and more.")
    dave = guarded(output={"blocklist": ["forbidden"]}, refusal="No.")
    turn = dave.say("Where to?")
    assert "for" not in text_of(turn.frames)
    assert turn.frames[-1]["type"] == "thread.item.replaced"
    assert [item["content"][0]["text"] for item in items_of(turn.frames, "assistant_message")] == ["No."]
    assert stored_answers(dave, turn.thread_id) == ["No."]
    assert "forbidden" not in str(list(ThreadItem.objects.for_tenant(cast.acme).values_list("data", flat=True)))
    assert dave.say("And now?", turn.thread_id).text == "You said: And now?"  # the thread is free


def test_the_model_is_stopped_when_its_answer_is_replaced(guarded: Any, provider: Provider) -> None:
    hold = Hold()
    provider.will_say("forbidden thing ", hold, "never")
    assert guarded(output={"blocklist": ["forbidden"]}).say("Well?").text == REFUSAL
    hold.wait_until_hung_up()


def test_an_answer_is_judged_and_replaced(guarded: Any, provider: Provider) -> None:
    provider.will_say("Buy tents.")
    provider.will_say("BLOCK")
    dave = guarded(output={"policy": "Only boots."})
    turn = dave.say("What?")
    assert turn.frames[-1]["item"]["content"][0]["text"] == REFUSAL
    assert stored_answers(dave, turn.thread_id) == [REFUSAL]


def test_an_answer_has_a_longest_length(guarded: Any, provider: Provider) -> None:
    provider.will_say("one ", "two ", "three ", "four")
    dave = guarded(output={"max_chars": 10})
    turn = dave.say("Count")
    assert text_of(turn.frames) == "one two th…"
    assert turn.text == "one two th…"
    assert stored_answers(dave, turn.thread_id) == ["one two th…"]


def test_an_answer_is_redacted_across_the_borders_of_its_pieces(guarded: Any, provider: Provider) -> None:
    text = "Write to joe@mail.example.com or call +49 30 901820. " + "And so on. " * 30
    provider.will_say(*text)  # letter by letter
    dave = guarded(output={"redact": ["email", "phone"]})
    turn = dave.say("Whom?")
    wanted = text.replace("joe@mail.example.com", "[email]").replace("+49 30 901820", "[phone]")
    assert text_of(turn.frames) == turn.text == wanted
    assert stored_answers(dave, turn.thread_id) == [wanted]


def test_a_widget_is_guarded_too(guarded: Any, provider: Provider) -> None:
    facts = [{"label": "Mail", "value": "joe@mail.example.com"}]
    provider.will_say(CallTool("show_summary", {"title": "Joe", "facts": facts}))
    provider.will_say("There.")
    turn = guarded(output={"redact": ["email"]}).say("Who is Joe?")
    (widget,) = items_of(turn.frames, "widget")
    assert "joe@" not in str(widget)
    assert "[email]" in str(widget["widget"])


def test_rules_that_make_no_sense_are_no_open_door(guarded: Any, provider: Provider) -> None:
    dave = guarded(output={"blockList": ["typo"]})
    turn = dave.say("hello")
    assert turn.frames[-1]["platform_code"] == "assistant_unavailable"
    assert provider.requests == []

"""Filters of answers hold no more than they must, also of scripts that are written without spaces."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chat.agents.filters import redact
from chat.agents.filters.base import TextFilter
from chat.agents.filters.blocklist import Blocked, BlockFilter, blocklist_of
from chat.agents.filters.egress import EgressFilter
from chat.agents.filters.redact import WINDOW, RedactFilter
from chat.agents.guardrails import Guardrails
from tenants.guardrail_options import GuardrailOptions, Rules

WORDS = ["secret plan", "秘密。计划", "plan"]
LONGEST = max(map(len, WORDS)) + 1


def blocklist() -> BlockFilter:
    words = blocklist_of(WORDS)
    assert words is not None
    return BlockFilter(words)


def redaction() -> RedactFilter:
    return RedactFilter(["email", "card", "iban", "phone", "ip"])


def egress() -> EgressFilter:
    return EgressFilter([])


def held(made: TextFilter, text: str, size: int) -> Iterator[int]:
    """How many characters are held back after each piece, of a text that goes out as it is."""
    out = ""
    for at in range(0, len(text), size):
        out += made.feed(text[at : at + size])
        yield at + len(text[at : at + size]) - len(out)
    assert out + made.finish() == text


def pieces(made: TextFilter, text: str, size: int) -> Iterator[str]:
    for at in range(0, len(text), size):
        yield made.feed(text[at : at + size])
    yield made.finish()


def sent(made: TextFilter, text: str, size: int) -> str:
    return "".join(pieces(made, text, size))


@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize("text", ["見" * 2_000, "x" * 2_000, "a 見" + "x見" * 1_000, "(x" * 1_000, "plans" * 400])
@pytest.mark.parametrize(
    ("new", "most"),
    [(redaction, 4 * WINDOW), (blocklist, 4 * LONGEST), (egress, WINDOW)],
    ids=["redact", "block", "egress"],
)
def test_text_without_spaces_is_not_held_back_for_ever(
    new: Callable[[], TextFilter], most: int, text: str, size: int
) -> None:
    assert max(held(new(), text, size)) <= most


def test_no_text_is_looked_through_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    find = redact.KINDS["email"]

    def counted(text: str) -> Iterator[redact.Span]:
        looked.append(len(text))
        return find(text)

    monkeypatch.setitem(redact.KINDS, "email", counted)
    sent(RedactFilter(["email"]), "見" * 10_000, 1)
    assert looked
    assert max(looked) <= 4 * WINDOW + 1
    assert sum(looked) < 10 * 10_000


def test_a_message_full_of_addresses_costs_no_more_than_its_length() -> None:
    began = time.process_time()
    text = redact.redacted(":: " * 40_000, ["ip"])
    assert time.process_time() - began < 10  # compared one with all, they took more than half a minute
    assert text == "[ip] " * 40_000


def test_what_the_model_is_shown_is_made_beside_other_answers() -> None:
    async def shown() -> str:
        guards = Guardrails(GuardrailOptions(input=Rules(redact=["phone"])))
        item: Any = {"role": "user", "content": [{"type": "input_text", "text": "+49 170 1234567 " * 1_000}]}
        task = asyncio.ensure_future(guards.shown_to_model([item]))
        await asyncio.sleep(0)
        assert not task.done()
        return str((await task)[0])

    assert "1234567" not in asyncio.run(shown())


@pytest.mark.parametrize("size", [3, 50, 10_000])
def test_what_is_to_be_redacted_is_found_across_a_cut(size: int) -> None:
    for before in range(3 * WINDOW, 6 * WINDOW, 7):
        text = (
            "見" * before + "（joe@mail.example.com）（4111111111111111）（DE89370400440532013000）" + "好" * 5 * WINDOW
        )
        result = sent(redaction(), text, size)
        assert result == "見" * before + "（[email]）（[card]）（[iban]）" + "好" * 5 * WINDOW


@pytest.mark.parametrize("size", [3, 50, 10_000])
def test_a_word_without_any_other_sign_is_cut_before_what_was_found(size: int) -> None:
    for before in range(3 * WINDOW, 6 * WINDOW, 7):
        text = "x" * before + "/joe@mail.example.com/" + "x" * 5 * WINDOW
        assert sent(RedactFilter(["email"]), text, size) == "x" * before + "/[email]/" + "x" * 5 * WINDOW


def test_an_endless_address_is_not_held_back_for_ever() -> None:
    made, out = redaction(), ""
    for piece in ["joe@", *["mail."] * 1_000]:
        out += made.feed(piece)
    assert out.startswith("[email]")


@pytest.mark.parametrize("size", [1, 3, 50, 10_000])
@pytest.mark.parametrize("word", ["secret plan", "秘密。计划", "PLAN"])
def test_a_word_on_the_list_is_found_across_a_cut(word: str, size: int) -> None:
    for before in range(6 * LONGEST):
        out: list[str] = []
        with pytest.raises(Blocked):
            out.extend(pieces(blocklist(), "见" * before + "、" + word + "、" + "好" * 100, size))
        assert word[0] not in "".join(out)


def test_a_cut_makes_no_word() -> None:
    for before in range(1, 6 * LONGEST):
        text = "x" * before + "plan、" + "好" * 100
        assert sent(blocklist(), text, 1) == text

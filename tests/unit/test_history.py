"""Which part of a conversation the model is shown."""

from typing import Any

import orjson

from chat.agents.history import newest_turns
from chat.agents.providers.meter import BYTES_PER_TOKEN


def item(kind: str, text: str = "x" * 300) -> str:
    return orjson.dumps({"type": kind, "text": text}).decode()


def shown(history: list[str], budget: int) -> list[Any]:
    return [raw["type"] for raw in newest_turns(history, budget)]


TURN = [item("user_message"), item("client_tool_call"), item("assistant_message")]
KINDS = ["user_message", "client_tool_call", "assistant_message"]
COST = sum(len(text) // BYTES_PER_TOKEN for text in TURN)


def test_all_of_a_short_conversation() -> None:
    assert shown(TURN * 3, COST * 3) == KINDS * 3


def test_whole_turns_of_a_long_one() -> None:
    """A call is never without its result, an answer never without its question."""
    for missing in (1, COST // 2, COST):
        assert shown(TURN * 3, COST * 3 - missing) == KINDS * 2


def test_the_last_turn_however_long_it_is() -> None:
    assert shown([*TURN, item("user_message", "x" * 9000)], 10) == ["user_message"]
    assert shown(TURN * 2, 0) == KINDS


def test_the_newest_are_kept() -> None:
    history = [item("user_message", f"{number}" * 300) for number in range(5)]
    kept = newest_turns(history, 2 * len(history[0]) // BYTES_PER_TOKEN)
    assert [raw["text"][0] for raw in kept] == ["3", "4"]


def test_letters_of_several_bytes_count_as_such() -> None:
    history = [item("user_message", "語" * 300), item("user_message")]
    assert len(newest_turns(history, 400)) == 1
    assert len(newest_turns(history, 500)) == 2


def test_a_conversation_without_a_question_is_shown_whole() -> None:
    assert shown([item("assistant_message"), item("widget")], 1) == ["assistant_message", "widget"]


def test_nothing_is_nothing() -> None:
    assert newest_turns([], 100) == []

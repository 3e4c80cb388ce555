"""The offline assistant calls a tool by its name: what follows becomes its arguments."""

from typing import Any

import pytest

from chat.agents.offline.by_name import arguments_of

SCHEMA = {
    "properties": {
        "title": {"type": "string"},
        "count": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "express": {"type": "boolean"},
    }
}


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("", {}),
        ("two pairs of socks", {"title": "two pairs of socks"}),
        ("title=socks count=2 express=true", {"title": "socks", "count": 2, "express": True}),
        ("title=\"wool socks\" count='2'", {"title": "wool socks", "count": 2}),
        ("title=7", {"title": "7"}),
        ("count=many", {"count": "many"}),
        # Not what the tool takes: then they are words.
        ("colour=red", {"title": "colour=red"}),
        ("socks count=2", {"title": "socks count=2"}),
    ],
)
def test_what_follows_the_name(words: str, arguments: dict[str, Any]) -> None:
    assert arguments_of(words, SCHEMA) == arguments


def test_a_tool_that_takes_nothing_is_given_nothing() -> None:
    assert arguments_of("anything", {}) == {}

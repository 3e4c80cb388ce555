"""JSON schemas of tenants and their servers."""

import time
from contextlib import nullcontext
from typing import Any

import pytest

from chatplatform.lib.json_schema import CHECK_SECONDS, MAX_PARTS, check_data, check_schema
from tests.support.growth import MAX_RATIO, growth

TEXT = {"type": "string"}


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]},
        {"$id": "https://example.com/a", "$defs": {"a/b": TEXT}, "properties": {"x": {"$ref": "#/$defs/a~1b"}}},
        {"properties": {"$ref": TEXT}},
    ],
)
def test_a_schema_may_describe(schema: dict[str, Any]) -> None:
    check_schema(schema)


def nested(depth: int) -> dict[str, Any]:
    """Each part refers twice to the next: as large as two to the power of the depth."""
    parts = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(depth)}
    return {"$defs": parts | {f"d{depth}": TEXT}, "$ref": "#/$defs/d0"}


@pytest.mark.parametrize(
    "schema",
    [
        [],
        "object",
        {"type": "nothing"},
        {"pattern": "(a+)+$"},
        {"properties": {"x": {"patternProperties": {"(a+)+$": {}}}}},
        {"$ref": "https://example.com/schema"},
        {"$ref": "#"},
        {"$ref": "#/$defs/missing"},
        {"$ref": "#anchor"},
        {"$defs": {"tree": {"properties": {"left": {"$ref": "#/$defs/tree"}}}}},
        {"properties": {"x": {"$id": "https://example.com/other", "$ref": "#/a"}}},
        {"description": "x" * 20_000},
        {"enum": list(range(MAX_PARTS))},
        nested(40),
        nested(9),
    ],
    ids=lambda schema: str(schema)[:40],
)
def test_a_schema_may_not_keep_a_process_busy(schema: Any) -> None:
    with pytest.raises(ValueError, match="schema"):
        check_schema(schema)


def test_data_fit_or_do_not() -> None:
    schema = nested(5)
    check_schema(schema)
    check_data("x", schema)
    with pytest.raises(ValueError, match="do not fit"):
        check_data(1, schema)


@pytest.mark.parametrize(
    ("items", "fits"),
    [
        ([1, 2, "1", True, None, [1], {"a": 1}, {"a": 2}], True),
        ([1, 1.0], False),
        ([{"a": 1, "b": [1]}, {"b": [1.0], "a": 1}], False),
        ([0, False, "", None], True),
        ([[1, 2], [2, 1], [1, 2]], False),
    ],
)
def test_items_are_unique_or_not(items: list[Any], fits: bool) -> None:
    schema = {"type": "array", "uniqueItems": True}
    with nullcontext() if fits else pytest.raises(ValueError, match="fit"):
        check_data(items, schema)


SLOW: dict[str, tuple[Any, Any]] = {
    "objects": ({"uniqueItems": True}, lambda size: [{"a": number} for number in range(size // 10)]),
    "numbers that collide": (
        {"uniqueItems": True},
        lambda size: [number * (2**61 - 1) for number in range(size // 10)],
    ),
    "nested": ({"items": {"uniqueItems": True}}, lambda size: [[[number] for number in range(size // 10)]]),
}


@pytest.mark.parametrize("name", SLOW)
def test_unique_items_cost_their_number(name: str) -> None:
    schema, made = SLOW[name]
    data = {size: made(size) for size in (500, 2_000, 8_000, 32_000)}
    # The text says the size alone.
    assert growth(lambda text: check_data(data[len(text)], schema), lambda size: "x" * size) <= MAX_RATIO


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        (
            {"items": {"anyOf": [{"const": -number} for number in range(1, 200)] + [{"type": "integer"}]}},
            list(range(20_000)),
        ),
        ({"prefixItems": [{}], "unevaluatedItems": {"type": "integer"}}, list(range(20_000))),
        (
            {"contains": {"allOf": [{"not": {"const": -number}} for number in range(1, 200)]}, "minContains": 10**9},
            list(range(20_000)),
        ),
    ],
)
def test_a_check_has_an_end(schema: dict[str, Any], data: Any) -> None:
    check_schema(schema)
    began = time.thread_time()
    with pytest.raises(ValueError, match="too long"):
        check_data(data, schema)
    assert time.thread_time() - began < 2 * CHECK_SECONDS

"""JSON schemas of tenants and their servers."""

from typing import Any

import pytest

from chatplatform.lib.json_schema import MAX_PARTS, check_data, check_schema

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

"""JSON schemas that tenants write: they may describe, but neither fetch anything nor take for ever."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError


def check_schema(schema: Any) -> None:
    """Refuse a schema that is none, that names other documents, or that has regular expressions.

    Raises:
        ValueError: with a sentence that says which.
    """
    try:
        Draft202012Validator.check_schema(schema)
    except (SchemaError, RecursionError):
        raise ValueError("This is no JSON schema.") from None
    stack = [schema]
    while stack:
        match stack.pop():
            case dict() as part:
                # An expression can be one that some text takes centuries to match.
                if any(
                    isinstance(part.get(name), str | dict) for name in ("pattern", "patternProperties", "$dynamicRef")
                ):
                    raise ValueError("Patterns are not allowed in a schema.")
                if not str(part.get("$ref", "#")).startswith("#"):
                    raise ValueError("A schema can only refer to itself.")
                stack += part.values()
            case list() as parts:
                stack += parts


def check_data(data: Any, schema: dict[str, Any]) -> None:
    """Refuse data that do not fit a schema.

    Raises:
        ValueError: they do not.
    """
    try:
        Draft202012Validator(schema).validate(data)
    except (ValidationError, RecursionError) as error:
        raise ValueError("The data do not fit the schema.") from error

"""JSON schemas that tenants and their servers write: they may describe, but neither fetch anything nor take for ever."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError

#: The largest schema, in characters of JSON, and the most parts that it may have once everything that it refers to is put in place:
#: a few references to each other are enough to keep a validator busy for years.
MAX_CHARACTERS, MAX_PARTS = 16_000, 1_000


def check_schema(schema: Any) -> None:
    """Refuse a schema that is none, is too large, names other documents or itself, or has regular expressions.

    Takes up to a second: call it in a thread where the schema comes from somebody else's server.

    Raises:
        ValueError: with a sentence that says which.
    """
    if not isinstance(schema, dict) or len(json.dumps(schema)) > MAX_CHARACTERS:
        raise ValueError("This is no JSON schema, or it is too large.")
    _check_parts(schema)
    try:
        Draft202012Validator.check_schema(schema)
    except (SchemaError, RecursionError):
        raise ValueError("This is no JSON schema.") from None


def _check_parts(schema: dict[str, Any]) -> None:
    stack: list[Any] = [schema]
    seen = 0
    while stack:
        seen += 1
        if seen > MAX_PARTS:
            raise ValueError("A schema cannot be so large, nor refer to itself.")
        match stack.pop():
            case dict() as part:
                # An expression can be one that some text takes centuries to match.
                if any(
                    isinstance(part.get(name), str | dict) for name in ("pattern", "patternProperties", "$dynamicRef")
                ):
                    raise ValueError("Patterns are not allowed in a schema.")
                if part is not schema and isinstance(part.get("$id"), str):
                    raise ValueError("A schema is one document.")
                if isinstance(reference := part.get("$ref"), str):
                    stack.append(_referred(schema, reference))
                stack += part.values()
            case list() as parts:
                stack += parts


def _referred(schema: dict[str, Any], reference: str) -> Any:
    """What ``#/$defs/name`` means."""
    if not reference.startswith("#/"):
        raise ValueError("A schema can only refer to parts of itself.")
    found: Any = schema
    for step in reference.removeprefix("#/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, dict) or name not in found:
            raise ValueError("A schema refers to a part that it does not have.")
        found = found[name]
    return found


def check_data(data: Any, schema: dict[str, Any]) -> None:
    """Refuse data that do not fit a schema.

    Raises:
        ValueError: they do not.
    """
    try:
        Draft202012Validator(schema).validate(data)
    except (ValidationError, RecursionError) as error:
        raise ValueError("The data do not fit the schema.") from error

"""JSON schemas that tenants and their servers write: they may describe, but neither fetch anything nor take for ever."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import SchemaError, ValidationError

#: The largest schema, in characters of JSON, and the most parts that it may have once everything that it refers to is put in place:
#: a few references to each other are enough to keep a validator busy for years.
MAX_CHARACTERS, MAX_PARTS = 16_000, 1_000
#: Seconds of CPU time that a check of data may take.
CHECK_SECONDS = 1.0
#: Items or properties of which the library compares each with all others.
_MAX_UNEVALUATED = 1_000

_Check = Callable[[Any, Any, Any, Any], Iterable[ValidationError] | None]
_deadline: ContextVar[float] = ContextVar("_deadline")


class _TooLongError(Exception):
    """The time for a check is over."""


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

    May take `CHECK_SECONDS`: call it in a thread where somebody else wrote the data or the schema.

    Raises:
        ValueError: they do not, or the time for the check is over.
    """
    ends = _deadline.set(time.thread_time() + CHECK_SECONDS)
    try:
        error = next(_VALIDATOR(schema).iter_errors(data), None)
    except (_TooLongError, RecursionError) as endless:
        raise ValueError("The data take too long to check.") from endless
    finally:
        _deadline.reset(ends)
    if error is not None:
        raise ValueError("The data do not fit the schema.") from error


def _timed(check: _Check) -> _Check:
    """A keyword's check that looks at the clock first."""

    def timed(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if time.thread_time() > _deadline.get():
            raise _TooLongError
        yield from check(validator, value, instance, schema) or ()

    return timed


def _limited(check: _Check) -> _Check:
    """A check whose time grows with the square of the data, for few data."""

    def limited(validator: Any, value: Any, instance: Any, schema: Any) -> Iterable[ValidationError] | None:
        if isinstance(instance, list | dict) and len(instance) > _MAX_UNEVALUATED:
            raise _TooLongError
        return check(validator, value, instance, schema)

    return limited


def _unique_items(validator: Any, is_wanted: bool, instance: Any, _schema: Any) -> Iterator[ValidationError]:  # noqa: FBT001 - as the library calls it
    """The library compares each item with all others; here their texts are compared, in linear time."""
    if is_wanted and validator.is_type(instance, "array"):
        texts = [json.dumps(_normal(item), sort_keys=True) for item in instance]
        if len(set(texts)) < len(texts):
            yield ValidationError("Items are not unique.")


def _normal(value: Any) -> Any:
    """The value with numbers that are equal in the same spelling: 1.0 as 1."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_normal(item) for item in value]
        case dict():
            return {name: _normal(item) for name, item in value.items()}
        case _:
            return value


_CHECKS: dict[str, _Check] = {
    **Draft202012Validator.VALIDATORS,
    "uniqueItems": _unique_items,
    "unevaluatedItems": _limited(Draft202012Validator.VALIDATORS["unevaluatedItems"]),
    "unevaluatedProperties": _limited(Draft202012Validator.VALIDATORS["unevaluatedProperties"]),
}
_VALIDATOR: Any = validators.extend(Draft202012Validator, {name: _timed(check) for name, check in _CHECKS.items()})

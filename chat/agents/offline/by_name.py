"""Arguments for a tool out of what somebody wrote: ``number=1001 express=true``, or all of it for the first parameter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

#: What the model is told of a tool's arguments: a JSON schema.
Schema = Mapping[str, Any]

_PAIR = re.compile(r"""(?<!\w)(\w++)=("[^"]*"|'[^']*'|\S+)""")


def arguments_of(words: str, schema: Schema) -> dict[str, Any]:
    """What ``words`` say for the parameters of a tool; what they do not say is left out."""
    parameters: Mapping[str, Schema] = schema.get("properties", {})
    words = words.strip()
    if not parameters or not words:
        return {}
    pairs = _PAIR.findall(words)
    if pairs and not _PAIR.sub("", words).strip() and all(name in parameters for name, _ in pairs):
        return {name: _value(value.strip("\"'"), parameters[name]) for name, value in pairs}
    first = next(iter(parameters))
    return {first: _value(words, parameters[first])}


def _value(words: str, schema: Schema) -> Any:
    """As text where the schema takes text, else as the JSON that it looks like."""
    kinds = {part.get("type") for part in (schema, *schema.get("anyOf", ()))}
    if "string" in kinds:
        return words
    try:
        return orjson.loads(words)
    except ValueError:
        return words

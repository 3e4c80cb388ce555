"""What the Python package declares of widgets is written down for the client's tests, which hold the client to it."""

import json
import os
from typing import Any

from chatkit.widgets import StrictWidgetRoot
from pydantic import TypeAdapter

from tests.support.environment import PROJECT

WRITTEN = PROJECT / "frontend" / "tests" / "client" / "widgets" / "python-widgets.json"
#: Of values, not of components.
VALUES = {"ThemeColor", "Spacing", "Border", "Borders", "ActionConfig"}


def declared() -> dict[str, dict[str, list[Any]]]:
    """Properties by component; of each its literal values, where it has a choice of them."""
    definitions: dict[str, Any] = TypeAdapter(StrictWidgetRoot).json_schema()["$defs"]

    def branches(schema: dict[str, Any]) -> list[dict[str, Any]]:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return [] if name in VALUES else branches(definitions[name])
        inner = [one for key in ("anyOf", "oneOf") for one in schema.get(key, [])]
        inner += [schema["items"]] if "items" in schema else []
        return [found for one in inner for found in branches(one)] if inner else [schema]

    def literals(schema: dict[str, Any]) -> list[Any]:
        return [
            value
            for one in branches(schema)
            for value in one.get("enum", [one["const"]] if "const" in one else [])
            if isinstance(value, str)
        ]

    found: dict[str, dict[str, list[Any]]] = {}
    for definition in definitions.values():
        own = definition.get("properties", {})
        component = own.get("type", {}).get("const")
        if component is None or "key" not in own:
            continue
        properties: dict[str, list[Any]] = {}
        for name, schema in own.items():
            if name == "type":
                continue
            within = (
                {}
                if name == "children"
                else {
                    f"{name}.{key}": literals(inner)
                    for one in branches(schema)
                    for key, inner in one.get("properties", {}).items()
                }
            )
            properties |= {name: [] if within else literals(schema), **within}
        found[component] = properties
    return found


def test_the_clients_tests_know_what_the_package_declares() -> None:
    now = json.dumps(declared(), indent=1, sort_keys=True) + "\n"
    if os.environ.get("WRITE") == "1":
        WRITTEN.write_text(now)
    assert WRITTEN.read_text() == now, "Run this test with WRITE=1, then the tests of the client."

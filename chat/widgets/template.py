"""Widget templates: `.widget` files, and templates that tenants write, rendered in a sandbox.

The SDK's own class renders with plain Jinja, in which a template is code of the server.  Here a template can say what a widget
looks like and nothing else: no calls but `range()`, a few filters, two loops in each other at most, and an end to every size.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chatkit.widgets import DynamicWidgetRoot
from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import ValidationError as WidgetError

from chatplatform.lib.json_schema import check_data, check_schema

LIBRARY = Path(__file__).parent / "library"

MAX_SOURCE, MAX_OUTPUT, MAX_DATA = 32_000, 256_000, 64_000
MAX_LIST, MAX_LOOPS, MAX_NESTED_LOOPS = 500, 10, 2

_FILTERS = (
    "abs", "default", "first", "float", "int", "join", "last", "length", "list", "lower", "round", "string", "title", "tojson",
    "trim", "truncate", "upper",
)  # fmt: skip
_STATEMENTS = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.Assign)
_VALUES = (
    nodes.Name, nodes.NSRef, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Slice, nodes.Compare, nodes.Operand, nodes.CondExpr,
    nodes.Filter, nodes.Test, nodes.Not, nodes.And, nodes.Or, nodes.Neg,
)  # fmt: skip
#: Beyond a plain value: these make larger values of smaller ones, so that none may be remembered and used again.
_GROWING = (
    nodes.Add, nodes.Sub, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Concat, nodes.List, nodes.Tuple, nodes.Dict, nodes.Pair,
    nodes.Call,
)  # fmt: skip


class WidgetTemplateError(ValueError):
    """A template that is not allowed, or does not make a widget.  Its text may quote the template."""


def _range(*arguments: int) -> range:
    numbers = range(*arguments)
    if len(numbers) > MAX_LIST:
        raise WidgetTemplateError("range() is too long")
    return numbers


class _Environment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if isinstance(left, str):
            raise WidgetTemplateError("texts cannot be formatted")
        return super().call_binop(context, operator, left, right)

    def is_safe_callable(self, obj: Any) -> bool:
        return obj is _range


def _environment() -> _Environment:
    environment = _Environment(undefined=StrictUndefined, autoescape=False)
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.globals = {"range": _range}
    return environment


_ENVIRONMENT = _environment()


class WidgetTemplate:
    """A template and the schema of its data.

    Args:
        definition: the content of a `.widget` file: ``version`` (``"1.0"``), ``name``, ``template`` and, if data are to be
            checked, ``jsonSchema``; the rest is for editors.

    Raises:
        WidgetTemplateError: it is not of this kind, or does what a template may not.
    """

    def __init__(self, definition: dict[str, Any]) -> None:
        if definition.get("version") != "1.0" or not isinstance(definition.get("template"), str):
            raise WidgetTemplateError("not a widget template of version 1.0")
        self.name = str(definition.get("name", ""))
        schema = definition.get("jsonSchema") or {}
        source = definition["template"]
        try:
            check_schema(schema)
            _check_source(source)
            self._template = _ENVIRONMENT.from_string(source)
        except (TemplateError, ValueError, RecursionError) as error:
            raise WidgetTemplateError(str(error)) from error
        self._schema = schema

    @classmethod
    def named(cls, name: str, folder: Path = LIBRARY) -> WidgetTemplate:
        """A template of our own library, or of another folder."""
        return cls(json.loads((folder / f"{name}.widget").read_text()))

    def build(self, data: dict[str, Any]) -> DynamicWidgetRoot:
        """The widget for some data.  Properties that this version of the SDK does not know are kept.

        Raises:
            WidgetTemplateError: the data do not fit the schema, or what comes out is no widget.
        """
        if len(json.dumps(data)) > MAX_DATA or _longest(data) > MAX_LIST:
            raise WidgetTemplateError("too much data")
        try:
            check_data(data, self._schema)
            return DynamicWidgetRoot.model_validate(json.loads(self._render(data)))
        except (
            TemplateError,
            WidgetError,
            ValueError,
            TypeError,
            ArithmeticError,
            LookupError,
        ) as error:
            raise WidgetTemplateError(str(error)) from error
        except RecursionError as error:
            raise WidgetTemplateError("too deep") from error

    def _render(self, data: dict[str, Any]) -> str:
        pieces, size = [], 0
        for piece in self._template.generate(data):
            size += len(piece)
            if size > MAX_OUTPUT:
                raise WidgetTemplateError("the widget is too large")
            pieces.append(piece)
        return "".join(pieces)


def _check_source(source: str) -> None:
    if len(source) > MAX_SOURCE:
        raise WidgetTemplateError("the template is too long")
    tree = _ENVIRONMENT.parse(source)
    if sum(1 for _ in tree.find_all(nodes.For)) > MAX_LOOPS:
        raise WidgetTemplateError("too many loops")
    _check_node(tree, loops=0, remembered=False)


def _check_node(node: nodes.Node, *, loops: int, remembered: bool) -> None:
    allowed = _VALUES if remembered else (*_STATEMENTS, *_VALUES, *_GROWING)
    if not isinstance(node, allowed):
        raise WidgetTemplateError(f"{type(node).__name__} is not allowed here")
    if isinstance(node, nodes.For):
        loops += 1
        if loops > MAX_NESTED_LOOPS or node.recursive:
            raise WidgetTemplateError("loops are nested too deeply")
    if isinstance(node, nodes.Call) and not (isinstance(node.node, nodes.Name) and node.node.name == "range"):
        raise WidgetTemplateError("only range() can be called")
    for field, child in _children(node):
        # What is remembered under a name cannot be made larger each time.
        keeps = remembered or (isinstance(node, nodes.Assign) and field == "node")
        _check_node(child, loops=loops, remembered=keeps)


def _children(node: nodes.Node) -> list[tuple[str, nodes.Node]]:
    found: list[tuple[str, nodes.Node]] = []
    for field, value in node.iter_fields():
        values = value if isinstance(value, list) else [value]
        found += [(field, child) for child in values if isinstance(child, nodes.Node)]
    return found


def _longest(value: Any) -> int:
    match value:
        case dict():
            return max([len(value), *map(_longest, value.values())])
        case list():
            return max([len(value), *map(_longest, value)])
        case _:
            return 0

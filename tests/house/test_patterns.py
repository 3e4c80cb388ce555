"""No regular expression of the platform can hold a process: the cost of each grows as the text does.

Expressions are found in two ways, so that none is missed: as values of modules, classes, validators, fields and routes, and as
literals in calls of `re`.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections import deque
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

import django.apps
import pytest
from django.core.validators import RegexValidator
from django.forms.forms import BaseForm
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.environment import PROJECT
from tests.support.growth import MAX_RATIO, growth
from tests.support.hostile import texts_for

PACKAGES = ("chatplatform", "tenants", "accounts", "chat")
#: Modules that a program of their own runs, or that need what is not there.
_NOT_IMPORTED = re.compile(r"\.migrations\.|\.management\.commands\.runserver$")

# Expressions that are made of values: file and function, each with the reason why its cost is bounded.
MADE: dict[str, str] = {
    "chat/admin/draft_form.py:_sent_rows": "the name of one of our fields and two digits, matched at the beginning of a key",
}
# Expressions that only see texts of a bounded length, each with what bounds it.
BOUNDED: dict[str, str] = {
    "chat.agents.filters.egress._END": "searched in the last 64 characters of a word",
}
#: The test is divided, so that several processes share it.
_SHARES = 8


def _modules() -> Iterator[ModuleType]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if _NOT_IMPORTED.search(found.name) is None:
                yield importlib.import_module(found.name)


def _patterns_in(value: Any, depth: int = 0) -> Iterator[re.Pattern[str]]:
    match value:
        case re.Pattern():
            yield value
        case RegexValidator():
            regex: Any = value.regex
            yield re.compile(regex.pattern, regex.flags)
        case list() | tuple() | set() | frozenset() if depth < 4:
            for each in value:
                yield from _patterns_in(each, depth + 1)
        case dict() if depth < 4:
            for each in list(value.values()):
                yield from _patterns_in(each, depth + 1)
        case type() if depth < 2 and value.__module__.partition(".")[0] in PACKAGES:
            for each in list(vars(value).values()):
                yield from _patterns_in(each, depth + 1)
            if issubclass(value, BaseForm):
                for field in getattr(value, "base_fields", {}).values():
                    yield from _patterns_in(list(field.validators), depth + 1)


def _patterns_of_routes(patterns: list[Any]) -> Iterator[re.Pattern[str]]:
    for each in patterns:
        yield re.compile(each.pattern.regex.pattern, each.pattern.regex.flags)
        if isinstance(each, URLResolver):
            yield from _patterns_of_routes(each.url_patterns)
        else:
            assert isinstance(each, URLPattern)


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Calls of `re` inside of functions, with the function's name.  What stands outside of them is a value."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for call in ast.walk(node):
                if (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Attribute)
                    and isinstance(call.func.value, ast.Name)
                    and call.func.value.id == "re"
                    and call.func.attr != "escape"
                ):
                    yield getattr(node, "name", "lambda"), call


@cache
def _literals() -> tuple[dict[str, re.Pattern[str]], list[str]]:
    """Expressions in calls, by place, and the places whose expressions are made of values."""
    found, made = {}, []
    for package in PACKAGES:
        for file in sorted((PROJECT / package).rglob("*.py")):
            name = str(file.relative_to(PROJECT))
            for function, call in _calls(ast.parse(file.read_text())):
                try:
                    text = ast.literal_eval(call.args[0])
                except ValueError:
                    made.append(f"{name}:{function}")
                    continue
                found[f"{name}:{function}: {text}"] = re.compile(text, _flags_of(call))
    return found, made


def _flags_of(call: ast.Call) -> int:
    given = [*call.args[1:], *(word.value for word in call.keywords)]
    names = [node.attr for arg in given for node in ast.walk(arg) if isinstance(node, ast.Attribute)]
    return sum(re.RegexFlag[name] for name in names if name in re.RegexFlag.__members__)


@cache
def _all() -> dict[str, re.Pattern[str]]:
    """Every expression of the platform, once, by where it was first found."""
    found: dict[tuple[str, int], str] = {}
    for place, pattern in _literals()[0].items():
        found.setdefault((pattern.pattern, pattern.flags), place)
    for module in _modules():
        for name, value in list(vars(module).items()):
            for pattern in _patterns_in(value):
                found.setdefault((pattern.pattern, pattern.flags), f"{module.__name__}.{name}: {pattern.pattern}")
    for model in django.apps.apps.get_models():
        if model.__module__.partition(".")[0] in PACKAGES:
            for field in model._meta.get_fields():
                for pattern in _patterns_in(list(getattr(field, "validators", ()))):
                    found.setdefault(
                        (pattern.pattern, pattern.flags), f"{model.__name__}.{field.name}: {pattern.pattern}"
                    )
    for pattern in _patterns_of_routes(get_resolver().url_patterns):
        found.setdefault((pattern.pattern, pattern.flags), f"route: {pattern.pattern}")
    return {place: re.compile(*key) for key, place in found.items()}


def _grows(pattern: re.Pattern[str]) -> list[tuple[str, float]]:
    """The text with which the cost of an expression grows faster than the text, with the ratio; empty when there is none."""

    def work(text: str) -> None:
        deque(pattern.finditer(text), maxlen=0)
        pattern.fullmatch(text)

    for name, text_of in texts_for(pattern):
        if (ratio := growth(work, text_of)) > MAX_RATIO:
            return [(name, ratio)]
    return []


@pytest.mark.parametrize("share", range(_SHARES))
def test_no_expression_grows_faster_than_its_text(share: int) -> None:
    mine = list(_all().items())[share::_SHARES]
    found = {place: grown for place, pattern in mine if _name(place) not in BOUNDED and (grown := _grows(pattern))}
    assert found == {}


def _name(place: str) -> str:
    """A place without the text of its expression."""
    return place.partition(": ")[0]


def test_expressions_that_are_made_of_values_are_known() -> None:
    assert sorted(set(_literals()[1])) == sorted(MADE)


def test_the_list_of_bounded_expressions_is_true() -> None:
    assert set(BOUNDED) <= {_name(place) for place in _all()}


def test_expressions_are_found_wherever_they_stand() -> None:
    names = {_name(place) for place in _all()}
    assert {
        "chat.agents.offline.replies._SUM",
        "chat.routing.ROUTES",
        "chatplatform/reference/openapi.py:_operation",
        "tenants.models.domain._HOST",
        "tenants.models.http_tool._NAME",
    } <= names
    assert any(name == "route" for name in names)


@pytest.mark.parametrize(
    "pattern",
    [r"(a+)+b", r"\w+=", r"-+x?-+$", r"\s+\Z", "<a>(.*?)</a>", r"[-+(\d][-+*/.\d\s]*[-+*/][-+*/.\d\s]*\d[).\s]*"],
)
def test_an_expression_that_is_not_linear_is_found(pattern: str) -> None:
    assert _grows(re.compile(pattern, re.DOTALL))


@pytest.mark.parametrize("pattern", [r"(?<!\w)\w++=", r"a+b?", "x[^x]*y", r"(?<!\s)\s++\Z"])
def test_a_linear_expression_is_let_through(pattern: str) -> None:
    assert _grows(re.compile(pattern)) == []

"""Texts that make a regular expression work as hard as it can, derived from the expression itself.

A backtracking engine is slow where a repetition can be entered at many places, or where two of them can divide the same text in
many ways, and what follows does not fit at the end.  So for each repetition of an expression: what leads to it, then its body again
and again, then something that does not fit; and what leads to it again and again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from re import _parser  # type: ignore[attr-defined]  # the only reader of expressions that knows all of their syntax
from typing import Any

#: Characters of each kind, of which those are taken that a class has.
_POOL = " a\n1-.A\t_@<[(\"'|:/=#~é見\0"
_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdigit,
    "CATEGORY_NOT_DIGIT": lambda char: not char.isdigit(),
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_NOT_SPACE": lambda char: not char.isspace(),
    "CATEGORY_WORD": lambda char: char.isalnum() or char == "_",
    "CATEGORY_NOT_WORD": lambda char: not (char.isalnum() or char == "_"),
}
#: What may follow a pumped text: nothing, or something that few expressions want there.
_ENDS = ("", "\0", "!x", "\n")
_MAX_SAMPLES = 4
#: Repetitions of up to so many are no loop.
_FEW = 8

#: A text by its size in characters.
TextOf = Callable[[int], str]


def texts_for(pattern: re.Pattern[str]) -> list[tuple[str, TextOf]]:
    """Texts of any size for an expression, each with a name that tells how it is made."""
    tokens = _parser.parse(pattern.pattern, pattern.flags)
    found: dict[tuple[str, str, str], None] = {}

    def add(head: str, body: str, end: str) -> None:
        if body:
            found[head, body, end] = None

    for char in _POOL:
        add("", char, "")
    for sample in _samples(tokens):
        add("", sample, "")
        add("", sample[:-1], "")
        add("", sample[:-1] + "\0", "")
    loops = list(_loops(tokens, ""))
    for head, bodies in loops:
        add("", head, "")
        for body in bodies:
            add("", head + body, "")
            add("", head + body * 8, "")
            for end in _ENDS:
                add(head, body, end)
    return [(repr(key), _made(*key)) for key in found]


def _made(head: str, body: str, end: str) -> TextOf:
    return lambda size: head + body * (size // len(body)) + end


def _loops(tokens: Any, head: str) -> Iterator[tuple[str, list[str]]]:
    """Each repetition: what leads to it, and what its body may be."""
    for name, value in tokens:
        kind = str(name)
        if kind.endswith("REPEAT"):
            _least, most, body = value
            if most > _FEW:
                yield head, [sample for sample in _samples(body) if sample]
            yield from _loops(body, head)
        elif kind == "SUBPATTERN":
            yield from _loops(value[-1], head)
        elif kind == "ATOMIC_GROUP":
            yield from _loops(value, head)
        elif kind in ("ASSERT", "ASSERT_NOT"):
            yield from _loops(value[1], head)
        elif kind == "BRANCH":
            for branch in value[1]:
                yield from _loops(branch, head)
        elif kind == "GROUPREF_EXISTS":
            for branch in value[1:]:
                yield from _loops(branch or (), head)
        head += next(iter(_samples([(name, value)])), "")


def _samples(tokens: Any) -> list[str]:
    """Some short texts that an expression fits, but for its assertions."""
    samples = [""]
    for name, value in tokens:
        choices = _choices(str(name), value) or [""]
        samples = [
            sample + choices[(at + turn) % len(choices)]
            for turn in range(min(_MAX_SAMPLES, max(len(choices), 1)))
            for at, sample in enumerate(samples[:_MAX_SAMPLES])
        ]
        samples = list(dict.fromkeys(samples))[:_MAX_SAMPLES]
    return samples


def _choices(kind: str, value: Any) -> list[str]:
    match kind:
        case "LITERAL":
            return [chr(value)]
        case "NOT_LITERAL":
            return [char for char in _POOL if ord(char) != value][:_MAX_SAMPLES]
        case "ANY":
            return ["a", " ", "1", "-"]
        case "IN":
            return _members(value)
        case "BRANCH":
            return [_samples(branch)[0] for branch in value[1]]
        case "SUBPATTERN":
            return _samples(value[-1])
        case "ATOMIC_GROUP":
            return _samples(value)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, body = value
            return [sample * max(least, min(1, most)) for sample in _samples(body)]
        case "ASSERT":
            return _samples(value[1]) if value[0] > 0 else [""]
        case _:
            return [""]


def _is_between(first: int, last: int, char: str) -> bool:
    return first <= ord(char) <= last


def _members(items: Any) -> list[str]:
    """Some characters of a class."""
    negated = False
    tests: list[Callable[[str], bool]] = []
    named: list[str] = []
    for name, value in items:
        match str(name):
            case "NEGATE":
                negated = True
            case "LITERAL":
                named.append(chr(value))
                tests.append(partial(_is_between, value, value))
            case "RANGE":
                named += [chr(value[0]), chr(value[1])]
                tests.append(partial(_is_between, *value))
            case "CATEGORY":
                tests.append(_CATEGORIES[str(value)])
    pool = _POOL if negated else [*named[:_MAX_SAMPLES], *_POOL]
    return [char for char in dict.fromkeys(pool) if any(test(char) for test in tests) is not negated][
        : 2 * _MAX_SAMPLES
    ]

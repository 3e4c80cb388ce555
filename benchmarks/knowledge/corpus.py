"""Texts and questions that every machine has: the docstrings of Python and Django as installed, and this project's documentation.

A docstring's first sentence says what its passage is about: it is the question, and the rest of the docstring is the passage that
should be found.  The first sentence itself is not part of the passage.
"""

from __future__ import annotations

import ast
import random
import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import django

PROJECT = Path(__file__).resolve().parents[2]
_LEAST_WORDS = 12


@dataclass(frozen=True)
class Passage:
    """``question`` is answered by ``text``, which stands under ``title``."""

    question: str
    title: str
    text: str


def docstrings(most: int) -> list[Passage]:
    """Up to so many passages of Python's standard library and of Django, always the same ones."""
    found: dict[str, Passage] = {}
    for root in (Path(sysconfig.get_paths()["stdlib"]), Path(django.__file__).parent):
        for file in sorted(root.rglob("*.py")):
            parts = file.relative_to(root).parts
            if not {"test", "tests", "site-packages", "idlelib", "lib2to3", "locale"} & set(parts):
                for passage in _of_file(file, ".".join([root.name, *parts]).removesuffix(".py")):
                    found.setdefault(passage.question, passage)
    passages = sorted(found.values(), key=lambda passage: (passage.title, passage.question))
    random.Random(3).shuffle(passages)
    return passages[:most]


def windows(most: int) -> list[str]:
    """Up to so many texts of fifty words, one after the other, of the code of Python and of all that is installed beside it."""
    found: list[str] = []
    for root in (Path(sysconfig.get_paths()["stdlib"]), Path(sysconfig.get_paths()["purelib"])):
        for file in sorted(root.rglob("*.py")):
            words = re.findall(r"\w+|[.,:]", file.read_text("utf-8", "replace"))
            found += [" ".join(words[at : at + 50]) for at in range(0, len(words) - 50, 50)]
            if len(found) >= most:
                return found[:most]
    return found


def _of_file(file: Path, module: str) -> Iterator[Passage]:
    try:
        tree = ast.parse(file.read_text("utf-8", "replace"))
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        first, _, rest = (ast.get_docstring(node) or "").partition("\n\n")
        question, text = " ".join(first.split()), rest.strip()
        if len(question.split()) >= 4 and len(text.split()) >= _LEAST_WORDS and len(question) < 200:
            yield Passage(question, f"{module}.{getattr(node, 'name', '')}".rstrip("."), text[:1500])


def own_documents() -> list[tuple[str, str]]:
    """This project's documentation: path and text."""
    return [(str(file.relative_to(PROJECT)), file.read_text()) for file in sorted((PROJECT / "docs").rglob("*.md"))]


def own_questions() -> list[tuple[str, str]]:
    """Questions of people, each with the document that answers it: lines of `questions.txt`."""
    lines = (Path(__file__).parent / "questions.txt").read_text().splitlines()
    return [(match[1], match[2]) for line in lines if (match := re.fullmatch(r"(.+?) -> (\S+)", line))]

"""The blocks of code in the documentation."""

import re
from dataclasses import dataclass
from functools import cache

from tests.support.environment import PROJECT
from tests.support.repository import name_of, text_of, tracked_files

_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    document: str
    number: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.document}-{self.number}"


@cache
def all_blocks() -> list[Block]:
    return [
        Block(name_of(file), number, language, code)
        for file in tracked_files()
        if file.suffix == ".md"
        for number, (_indent, language, code) in enumerate(_BLOCK.findall(text_of(file)), start=1)
    ]


def block(document: str, language: str, beginning: str = "") -> str:
    """The one of a document in this language whose first line begins so."""
    assert (PROJECT / document).exists(), document
    (found,) = [
        each.code
        for each in all_blocks()
        if (each.document, each.language) == (document, language) and each.code.strip().startswith(beginning)
    ]
    return found

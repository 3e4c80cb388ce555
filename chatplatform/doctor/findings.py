"""What the doctor says: a code of the registry, how bad it is, what was found, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from chatplatform.lib.problems.doctor import FINDINGS

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    code: str
    level: Level
    found: str
    fix: str


#: One check: it says what is wrong, or nothing.
Check = Callable[[], Iterable[Finding]]


def error(code: str, found: str = "") -> Finding:
    """Something that does not work; ``found`` takes the place of the registry's sentence where there is more to say."""
    return Finding(code, "error", found or FINDINGS[code].what, FINDINGS[code].fix)


def warning(code: str, found: str = "") -> Finding:
    """Something that works, and may surprise."""
    return Finding(code, "warning", found or FINDINGS[code].what, FINDINGS[code].fix)

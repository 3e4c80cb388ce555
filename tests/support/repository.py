"""The repository as tests of the house see it."""

import subprocess
from functools import cache
from pathlib import Path

from tests.support.environment import PROJECT

_BINARY = {".png", ".jpg", ".ico", ".woff2", ".webp", ".pdf"}
_COMPILED = {"requirements.txt", "requirements-dev.txt", "requirements-bench.txt", "package-lock.json"}


@cache
def tracked_files() -> list[Path]:
    """The text files that people write here: tracked ones, and new ones that git does not ignore."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout.split("\0")
    files = (PROJECT / name for name in names if name)
    return sorted(file for file in files if file.is_file() and file.suffix not in _BINARY)


@cache
def source_files() -> list[Path]:
    """Code, its tests included; nothing that a program writes."""
    suffixes = {".py", ".ts", ".tsx", ".js", ".css", ".html"}
    return [
        file
        for file in tracked_files()
        if file.suffix in suffixes and file.name not in _COMPILED and "migrations" not in file.parts
    ]


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def name_of(file: Path) -> str:
    return str(file.relative_to(PROJECT))


def table_of(document: str) -> dict[str, list[str]]:
    """The rows of a Markdown document's tables whose first cell is in code font, by that cell."""
    rows = {}
    for line in (PROJECT / document).read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| `") and len(cells) > 1:
            rows[cells[0].strip("`").split()[0]] = cells[1:]
    return rows

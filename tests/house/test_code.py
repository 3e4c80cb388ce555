"""Rules of the house about code, which no linter knows."""

import re

from tests.support.repository import name_of, source_files, text_of, tracked_files

LONGEST_FILE = 800
LONG_FILE = 500

# Files that may stay above the aim, each with its reason.
LONG_FILES: dict[str, str] = {}

MARKERS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b")
REGISTRY_HOSTS = re.compile(
    "|".join(
        re.escape(host)
        for host in (
            "registry.npm" + "js.org",
            "registry.yarn" + "pkg.com",
            "files.python" + "hosted.org",
            "pypi" + ".org/simple",
        )
    )
)
FOREIGN_PATHS = re.compile(r"(?<![\w.])/(?:opt/pypi|home/\w+|work|root)/")


def lines_of(text: str) -> int:
    return text.count("\n") + 1


def test_no_file_is_longer_than_anybody_reads() -> None:
    lengths = {name_of(file): lines_of(text_of(file)) for file in source_files()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}
    assert {name: length for name, length in lengths.items() if length > LONG_FILE and name not in LONG_FILES} == {}


def test_the_list_of_long_files_is_true() -> None:
    lengths = {name_of(file): lines_of(text_of(file)) for file in source_files()}
    assert [name for name in LONG_FILES if lengths.get(name, 0) <= LONG_FILE] == []


def test_nothing_is_left_for_later_in_the_code() -> None:
    found = [name_of(file) for file in tracked_files() if MARKERS.search(text_of(file))]
    assert found == []


def test_no_file_names_a_package_registry() -> None:
    found = [name_of(file) for file in tracked_files() if REGISTRY_HOSTS.search(text_of(file))]
    assert found == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    found = [
        name_of(file) for file in tracked_files() if FOREIGN_PATHS.search(text_of(file)) and file.name != "test_code.py"
    ]
    assert found == []

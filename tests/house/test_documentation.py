"""Documentation that a program can check: what exists is described, and what is described exists."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import get_commands

from chatplatform.lib.errors import ERRORS
from tests.house.test_tenancy import OURS
from tests.support.environment import PROJECT, variables_of_settings
from tests.support.repository import name_of, table_of, text_of, tracked_files

#: Those of Django and of packages that an operator needs to know.
DJANGO_COMMANDS = {"check", "migrate", "collectstatic", "db_worker", "prune_db_task_results"}
CHECK = re.compile(r"[a-z]+\.[EW]\d{3}")
LINK = re.compile(r"\[[^]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def our_commands() -> set[str]:
    return {name for name, app in get_commands().items() if str(app).split(".")[0] in (*OURS, "chatplatform")}


def test_every_setting_is_documented() -> None:
    assert sorted(table_of("docs/reference/settings.md")) == sorted(variables_of_settings())


def test_every_setting_has_a_comment() -> None:
    lines = (PROJECT / "chatplatform" / "settings.py").read_text().splitlines()
    bare = [
        line
        for before, line in pairwise(lines)
        if re.match(r"[A-Z][A-Z0-9_]* = env\.", line) and not re.match(r"#|SECURE_HSTS", before)
    ]
    assert bare == []


def test_every_part_of_the_client_is_documented() -> None:
    sources = [text_of(file) for file in tracked_files() if name_of(file).startswith("frontend/src/client/")]
    parts = {name for source in sources for name in re.findall(r'\bpart="([\w-]+)"', source)}
    table = (
        (PROJECT / "docs" / "reference" / "client.md").read_text().partition("| Part | What |")[2].partition("\n\n")[0]
    )
    assert parts == set(re.findall(r"^\| `([\w-]+)`", table, re.MULTILINE))


def test_every_command_is_documented() -> None:
    documented = {name for name in table_of("docs/reference/commands.md") if not CHECK.fullmatch(name)}
    assert documented - DJANGO_COMMANDS == our_commands() - DJANGO_COMMANDS


def test_every_check_is_documented() -> None:
    sources = [path.read_text() for app in (*OURS, "chatplatform") for path in (PROJECT / app).glob("checks.py")]
    documented = {name for name in table_of("docs/reference/commands.md") if CHECK.fullmatch(name)}
    assert documented == {name for source in sources for name in re.findall(r'id="([a-z]+\.[EW]\d{3})"', source)}


def test_every_error_is_documented_as_it_is() -> None:
    documented = table_of("docs/reference/errors.md")
    assert documented == {code: [str(spec.status), spec.message, spec.hint] for code, spec in ERRORS.items()}


def test_the_errors_that_no_second_try_helps_are_named() -> None:
    sentence = (PROJECT / "docs" / "reference" / "errors.md").read_text().partition("Its `allow_retry` is false")[2]
    assert sorted(re.findall(r"`(\w+)`", sentence.partition("\n\n")[0])) == sorted(
        code for code, spec in ERRORS.items() if not spec.may_pass
    )


@pytest.mark.parametrize("code", ERRORS)
def test_an_error_says_what_happened_and_what_to_do(code: str) -> None:
    spec = ERRORS[code]
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
    assert 400 <= spec.status < 600
    assert spec.message.endswith(".")
    assert spec.hint


@pytest.mark.parametrize("document", [file for file in tracked_files() if file.suffix == ".md"], ids=name_of)
def test_links_inside_the_documentation_lead_somewhere(document: Path) -> None:
    targets = [
        target for target in LINK.findall(text_of(document)) if "://" not in target and not target.startswith("mailto:")
    ]
    assert [target for target in targets if not (document.parent / target).exists()] == []

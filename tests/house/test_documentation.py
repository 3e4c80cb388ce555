"""Documentation that a program can check: what exists is described, and what is described exists."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import get_commands

from chatplatform.lib.leakproof import LEAKPROOF
from chatplatform.lib.problems.api import ERRORS
from chatplatform.lib.problems.chatkit import KNOWN
from chatplatform.lib.problems.checks import CHECKS
from chatplatform.lib.problems.console import CONSOLE
from chatplatform.lib.problems.doctor import FINDINGS
from chatplatform.reference import PAGES
from tests.house.test_tenancy import OURS
from tests.support.environment import PROJECT, variables_of_settings
from tests.support.repository import name_of, source_files, table_of, text_of, tracked_files

#: Those of Django and of packages that an operator needs to know.
DJANGO_COMMANDS = {"check", "migrate", "collectstatic", "db_worker", "prune_db_task_results"}
CHECK = re.compile(r'"([a-z]+\.[EW]\d{3})"')
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
    documented = set(table_of("docs/reference/commands.md"))
    assert documented - DJANGO_COMMANDS == our_commands() - DJANGO_COMMANDS


@pytest.mark.parametrize("name", PAGES)
def test_what_the_code_writes_of_the_reference_is_up_to_date(name: str) -> None:
    written = (PROJECT / "docs" / "reference" / name).read_text()
    assert written == PAGES[name](), "Run manage.py write_reference."


def test_every_system_check_is_in_the_registry() -> None:
    sources = [path.read_text() for app in (*OURS, "chatplatform") for path in (PROJECT / app).glob("checks.py")]
    assert {name for source in sources for name in CHECK.findall(source)} == set(CHECKS)


def test_the_doctor_finds_what_is_in_the_registry() -> None:
    sources = [path.read_text() for path in (PROJECT / "chatplatform" / "doctor").glob("*.py")]
    assert {code for source in sources for code in re.findall(r'"(doctor\.\w+)"', source)} == set(FINDINGS)


def test_what_is_vouched_for_is_the_same_everywhere() -> None:
    for document in ("docs/concepts/tenancy.md", "deploy/postgres/roles.sh"):
        vouched = re.findall(r"^ALTER FUNCTION (.*) LEAKPROOF;$", (PROJECT / document).read_text(), re.MULTILINE)
        assert vouched == list(LEAKPROOF), document


def test_the_console_and_the_registry_say_the_same() -> None:
    table = (PROJECT / "frontend" / "src" / "report.ts").read_text().partition("const REPORTS = {")[2].partition("}")[0]
    sentences = dict(re.findall(r'^  (\w+): "(.*)",$', table, re.MULTILINE))
    assert sentences == {code: problem.what for code, problem in CONSOLE.items()}


def test_scripts_speak_to_the_console_by_codes_alone() -> None:
    scripts = [file for file in source_files() if name_of(file).startswith("frontend/src/")]
    assert {name_of(file) for file in scripts if "console[" in text_of(file) or "console." in text_of(file)} == {
        "frontend/src/report.ts"
    }
    reported = {code for file in scripts for code in re.findall(r'report\("\w+", "(\w+)"', text_of(file))}
    assert reported == set(CONSOLE)


def test_errors_have_whole_sentences() -> None:
    for code, error in ERRORS.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
        assert 400 <= error.status < 600
        assert error.message.endswith(".")
        assert error.cause.endswith(".")
        assert error.hint
    for problem in (*CHECKS.values(), *CONSOLE.values(), *FINDINGS.values(), *KNOWN.values()):
        assert problem.what.endswith(".")
        assert problem.cause.endswith(".")
        assert problem.fix.endswith(".")


@pytest.mark.parametrize("document", [file for file in tracked_files() if file.suffix == ".md"], ids=name_of)
def test_links_inside_the_documentation_lead_somewhere(document: Path) -> None:
    targets = [
        target for target in LINK.findall(text_of(document)) if "://" not in target and not target.startswith("mailto:")
    ]
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_decisions_are_numbered_one_after_the_other() -> None:
    decisions = sorted((PROJECT / "docs" / "decisions").glob("*.md"))
    assert [(file.name[:3], text_of(file)[:7]) for file in decisions[1:]] == [
        (f"{number:03}", f"# {number:03}: ") for number in range(1, len(decisions))
    ]


def daily_commands() -> set[str]:
    """The commands that the reference has people run daily."""
    lines = (PROJECT / "docs" / "reference" / "commands.md").read_text().splitlines()
    return {line.split("`")[1] for line in lines if line.startswith("| `") and "Run it daily" in line}

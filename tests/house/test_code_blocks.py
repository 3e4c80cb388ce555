"""Code in the documentation: it can be read, and what it names of ours is there.  `tests.integration.test_guides` runs it."""

import ast
import json
import re
import shlex
import subprocess
from importlib import import_module

import pytest
import yaml
from django.core.management import CommandError, CommandParser, get_commands, load_command_class
from django.template import engines

from tests.support.blocks import Block, all_blocks
from tests.support.environment import PROJECT
from tests.support.repository import name_of, text_of, tracked_files

OURS = ("chatplatform", "tenants", "accounts", "chat")
#: Those that this machine need not be able to read.
FOREIGN = {"console", "css", "php", "ruby", "sql"}
#: `manage.py` with its arguments, as far as they are written out.
MANAGE = re.compile(r"manage\.py ([a-z_]+)((?: [^\s`|<>&;)'\"]+)*)")
COMPOSE = re.compile(r"docker compose (run|exec|up|build)((?: [^\s`|<>&;)'\"]+)*)")
#: Of Compose's options, those with a value of their own.
_WITH_VALUE = {"--env", "--user"}


def blocks(*languages: str) -> list[object]:
    return [pytest.param(block.code, id=str(block)) for block in all_blocks() if block.language in languages]


def test_every_block_says_what_it_is() -> None:
    read = {"python", "json", "yaml", "sh", "html", "js", "ts"}
    assert {block.language for block in all_blocks()} <= read | FOREIGN


def test_blocks_in_lists_belong_to_them_on_the_site_too() -> None:
    """It wants four spaces; with fewer the list ends before the block, and begins anew with 1 after it."""
    pages = [file for file in tracked_files() if file.suffix == ".md" and name_of(file).startswith("docs/")]
    assert [name_of(page) for page in pages if re.search(r"^ {1,3}```", text_of(page), re.MULTILINE)] == []


@pytest.mark.parametrize("code", blocks("python"))
def test_python_compiles_and_imports_what_there_is(code: str) -> None:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in OURS:
            module = import_module(node.module)
            assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


@pytest.mark.parametrize("code", blocks("json"))
def test_json_is_json(code: str) -> None:
    json.loads(re.sub(r",?\s*…(?=\s*[\]}])", "", code))


@pytest.mark.parametrize("code", blocks("yaml"))
def test_yaml_is_yaml(code: str) -> None:
    assert yaml.safe_load(code)


@pytest.mark.parametrize("code", blocks("sh"))
def test_shell_is_read_by_a_shell(code: str) -> None:
    done = subprocess.run(["bash", "-n"], cwd=PROJECT, input=code, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("code", blocks("html"))
def test_html_is_a_template(code: str) -> None:
    engines["django"].from_string(code)


def test_scripts_are_read_by_typescript() -> None:
    """All in one process: it needs longer to start than to read."""
    code = {str(block): block.code for block in all_blocks() if block.language in ("js", "ts")}
    script = """
        const ts = require("typescript");
        const faults = [];
        for (const [name, code] of Object.entries(JSON.parse(require("node:fs").readFileSync(0, "utf8")))) {
          const { diagnostics } = ts.transpileModule(code, { reportDiagnostics: true, fileName: `${name}.ts` });
          faults.push(...diagnostics.map(({ messageText }) => `${name}: ${messageText}`));
        }
        console.log(JSON.stringify(faults));
    """
    command = [str(PROJECT / "scripts" / "with-node"), "node", "-e", script]
    done = subprocess.run(
        command, cwd=PROJECT / "frontend", input=json.dumps(code), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def parser_of(command: str) -> CommandParser:
    return load_command_class(get_commands()[command], command).create_parser("manage.py", command)


def documents() -> list[object]:
    return [pytest.param(text_of(file), id=name_of(file)) for file in tracked_files() if file.suffix == ".md"]


@pytest.mark.parametrize("text", documents())
def test_commands_have_the_options_that_they_are_called_with(text: str) -> None:
    for name, arguments in MANAGE.findall(text):
        options = parser_of(name)._option_string_actions
        assert [word for word in shlex.split(arguments) if word.startswith("--") and word not in options] == [], name


@pytest.mark.parametrize("block", [each for each in all_blocks() if each.language == "sh"], ids=str)
def test_commands_take_the_arguments_of_blocks(block: Block) -> None:
    for name, arguments in MANAGE.findall(block.code):
        if name == "shell":
            continue  # its argument is a program of many lines
        try:
            parser_of(name).parse_args(shlex.split(arguments))
        except CommandError as error:
            pytest.fail(f"manage.py {name}{arguments}: {error}")


@pytest.mark.parametrize("text", documents())
def test_compose_is_asked_for_services_that_there_are(text: str) -> None:
    services = set(yaml.safe_load((PROJECT / "compose.yaml").read_text())["services"])
    for verb, arguments in COMPOSE.findall(text):
        words = shlex.split(arguments)
        named = [
            word
            for before, word in zip(["", *words], words, strict=False)
            if not word.startswith("-") and before not in _WITH_VALUE
        ]
        assert set(named[:1] if verb in ("run", "exec") else named) <= services, arguments


@pytest.mark.parametrize("text", documents())
def test_make_has_the_targets_that_are_named(text: str) -> None:
    phony = (PROJECT / "Makefile").read_text().partition(".PHONY: ")[2].partition("\n")[0].split()
    named = re.findall(r"(?:`|^\s*|&& )make ([a-z][\w/.-]*)", text, re.MULTILINE)
    assert set(named) <= {*phony, "static/chatkit/client.js"}

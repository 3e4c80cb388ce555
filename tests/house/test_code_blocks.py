"""Code in the documentation: it can be read, and what it imports from us is there."""

import ast
import json
import re
import subprocess
from importlib import import_module

import pytest
import yaml

from tests.support.environment import PROJECT
from tests.support.repository import name_of, text_of, tracked_files

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
OURS = ("chatplatform", "tenants", "accounts", "chat")


def blocks(*languages: str) -> list[object]:
    return [
        pytest.param(code, id=f"{name_of(file)}-{number}")
        for file in tracked_files()
        if file.suffix == ".md"
        for number, (_indent, language, code) in enumerate(BLOCK.findall(text_of(file)), start=1)
        if language in languages
    ]


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


@pytest.mark.parametrize("code", blocks("sh", "bash"))
def test_shell_is_read_by_a_shell(code: str) -> None:
    done = subprocess.run(["bash", "-n"], cwd=PROJECT, input=code, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

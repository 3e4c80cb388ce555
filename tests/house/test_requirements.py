"""What the platform imports is what it requires, and every supported Python can install the lists as they are pinned."""

import ast
import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.support.environment import PROJECT
from tests.support.repository import name_of, source_files, text_of

OUR_OWN = {"accounts", "chat", "chatplatform", "tenants"}
LISTS = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt")
# Types for the type checker; they do not exist when the code runs.
ONLY_TYPES = {"_typeshed", "django_stubs_ext"}


def imported_modules() -> Iterator[tuple[str, str]]:
    """Each file of the platform with the outer modules that it imports."""
    for file in source_files():
        name = name_of(file)
        if file.suffix != ".py" or name.split("/")[0] not in OUR_OWN:
            continue
        for node in ast.walk(ast.parse(text_of(file))):
            if isinstance(node, ast.Import):
                yield from ((name, alias.name.split(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield name, node.module.split(".")[0]


def required_packages() -> set[str]:
    """The names in requirements.in, normalised."""
    lines = (PROJECT / "requirements.in").read_text().splitlines()
    names = (re.match(r"[\w.-]+", line) for line in lines)
    return {normal(name[0]) for name in names if name}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_everything_that_the_platform_imports_is_required() -> None:
    packages = packages_distributions()
    required = required_packages()
    missing = {
        (file, module)
        for file, module in imported_modules()
        if module not in sys.stdlib_module_names | OUR_OWN | ONLY_TYPES
        and not {normal(package) for package in packages.get(module, [])} & required
    }
    assert missing == set()


def python_range() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The oldest supported Python, and the first that is too new, as pyproject.toml has them."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    found = re.fullmatch(r">=([\d.]+),<([\d.]+)", project["requires-python"])
    assert found
    oldest, too_new = (tuple(int(part) for part in version.split(".")) for version in found.groups())
    return oldest, too_new


def supported_pythons() -> list[str]:
    """The oldest supported Python as it is, then each later minor release."""
    oldest, too_new = python_range()
    later = [f"3.{minor}" for minor in range(oldest[1] + 1, too_new[1])]
    return [".".join(map(str, oldest)), *later]


@pytest.mark.parametrize("version", supported_pythons())
def test_every_supported_python_can_install_the_lists(version: str, cache: pytest.Cache) -> None:
    """It asks the package index, but for lists that it has seen installable: those need no network."""
    seen = hashlib.sha256(b"".join((PROJECT / name).read_bytes() for name in LISTS)).hexdigest()
    key = f"requirements/{version}"
    if cache.get(key, None) == seen:
        return
    command = [
        str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet", "--dry-run", "--target", "/nonexistent",
        "--python-version", version, "--python-platform", "x86_64-unknown-linux-gnu", "--only-binary", ":all:", "--require-hashes",
    ]  # fmt: skip
    for name in LISTS:
        command += ["--requirement", name]
    tried = subprocess.run(command, cwd=PROJECT, check=False, capture_output=True, text=True)
    assert tried.returncode == 0, f"Python {version} cannot install them, or the index is out of reach:\n{tried.stderr}"
    cache.set(key, seen)


def test_documents_name_the_supported_pythons() -> None:
    oldest, too_new = python_range()
    named = f"Python {'.'.join(map(str, oldest))} to {too_new[0]}.{too_new[1] - 1}"
    assert named in (PROJECT / "README.md").read_text()


def test_the_image_has_a_supported_python() -> None:
    image = re.search(r"^ARG PYTHON_IMAGE=python:(3\.\d+)-", (PROJECT / "Dockerfile").read_text(), re.MULTILINE)
    assert image
    assert image[1] in supported_pythons()


def test_lists_hold_hashes_and_no_address_of_an_index() -> None:
    for name in LISTS:
        text = (PROJECT / name).read_text()
        pins = re.findall(r"^[\w.-]+==.*\n(.*)", text, re.MULTILINE)
        assert pins, name
        assert all(following.strip().startswith("--hash=sha256:") for following in pins), name
        assert "://" not in text, name
        assert not re.search(r"^--?\w", text, re.MULTILINE), f"{name} holds options"


def test_a_python_that_is_too_old_is_refused_before_anything_is_installed(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts/make-venv"
    script.write_bytes((PROJECT / "scripts/make-venv").read_bytes())
    script.chmod(0o755)
    settings = (PROJECT / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(
        re.sub(r"(?m)^requires-python = .*$", 'requires-python = ">=9.1,<9.2"', settings)
    )
    tried = subprocess.run([script, "requirements.txt"], check=False, capture_output=True, text=True)
    assert tried.returncode == 1
    assert re.fullmatch(
        r"Python 9\.1 or newer, but older than 9\.2, is needed; \S+ is 3\.\d+\.\d+\. Install one.*\n", tried.stderr
    )
    assert not tried.stdout
    assert not (tmp_path / ".venv").exists()

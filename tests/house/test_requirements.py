"""What the platform imports is what it says that it needs: a package that only tests bring along is missing on users' machines."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions

from tests.support.environment import PROJECT
from tests.support.repository import name_of, source_files, text_of

OUR_OWN = {"accounts", "chat", "chatplatform", "tenants"}
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

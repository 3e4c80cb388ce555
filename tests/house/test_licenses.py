"""The license of the project, and the notices of the libraries that are built into the browser client."""

import json
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LICENSE = "Apache-2.0"


def read_json(path: str) -> Any:
    return json.loads((ROOT / path).read_text())


def test_every_package_names_the_license():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert project["license"] == LICENSE
    assert all((ROOT / name).is_file() for name in project["license-files"])
    assert read_json("frontend/package.json")["license"] == LICENSE
    assert read_json("frontend/package/package.json")["license"] == LICENSE


def test_the_built_client_carries_the_notices_of_its_libraries():
    libraries = read_json("frontend/package.json")["dependencies"]
    assert "licenses.md" in read_json("frontend/package/package.json")["files"]
    for built in ("static/chatkit", "frontend/dist"):
        notices = (ROOT / built / "licenses.md").read_text()
        missing = [name for name, version in libraries.items() if f"## {name} - {version} " not in notices]
        assert not missing, f"{built}/licenses.md"

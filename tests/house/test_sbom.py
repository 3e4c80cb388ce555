"""`make sbom` lists what an installation is made of."""

import json
import re
import subprocess
from typing import Any

import pytest

from tests.support.environment import PROJECT

FOLDER = PROJECT / "var" / "sbom"


@pytest.fixture(scope="module")
def sbom() -> dict[str, Any]:
    """Its two documents by their names."""
    subprocess.run(
        ["make", "--silent", "--old-file=.venv/.installed-dev", "sbom"], cwd=PROJECT, check=True, capture_output=True
    )
    return {name: json.loads((FOLDER / f"{name}.cdx.json").read_text()) for name in ("server", "client")}


def test_the_server_is_made_of_what_is_pinned(sbom: dict[str, Any]) -> None:
    server = sbom["server"]
    pinned = re.findall(r"^([\w.-]+)==(\S+)", (PROJECT / "requirements.txt").read_text(), re.MULTILINE)
    assert server["bomFormat"] == "CycloneDX"
    assert sorted((component["name"], component["version"]) for component in server["components"]) == sorted(pinned)
    for component in server["components"]:
        hashes = [found for reference in component["externalReferences"] for found in reference.get("hashes", [])]
        assert any(found["alg"] == "SHA-256" for found in hashes), component["name"]


def test_the_client_is_made_of_what_its_lock_names(sbom: dict[str, Any]) -> None:
    client = sbom["client"]
    lock = json.loads((PROJECT / "frontend" / "package-lock.json").read_text())["packages"]
    shipped = {
        f"{path.rpartition('node_modules/')[2]}@{package['version']}"
        for path, package in lock.items()
        if path and not package.get("dev") and not package.get("devOptional") and not package.get("optional")
    }
    assert client["bomFormat"] == "CycloneDX"
    assert {f"{component['name']}@{component['version']}" for component in client["components"]} == shipped

"""What the guides tell people to type does what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tenants.models import Assistant, AssistantVersion
from tests.support import databases
from tests.support.cast import Cast
from tests.support.environment import PROJECT, variables_of_settings
from tests.support.servers import ServerProcess


def typed(document: str, beginning: str) -> str:
    """The block of a document for the shell that begins so."""
    blocks: list[str] = re.findall(
        r"^ *```sh\n(.*?)^ *```$", (PROJECT / document).read_text(), re.MULTILINE | re.DOTALL
    )
    (block,) = [block for block in blocks if block.strip().startswith(beginning)]
    return block


def run(code: str, folder: Path = PROJECT, **variables: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("document", ["README.md", "docs/guides/first-assistant.md"])
def test_a_shell_can_talk_to_an_assistant(cast: Cast, live_server_process: ServerProcess, document: str) -> None:
    code = re.sub(r"base=\S+", f"base={live_server_process.url}", typed(document, "base="))
    said = run(code)
    assert '"type":"thread.created"' in said
    assert '"type":"thread.item.done"' in said
    assert '"type":"error"' not in said


def test_an_assistant_is_given_a_model(cast: Cast) -> None:
    code = typed("docs/guides/first-assistant.md", "DEBUG=true .venv/bin/python manage.py shell")
    run(code.replace(".venv/bin/python", sys.executable), DATABASE_URL=databases.url_of())
    version = AssistantVersion.objects.for_tenant(cast.acme).get(number=100)
    assert Assistant.objects.for_tenant(cast.acme).get(slug="guide").published_version == version
    assert version.provider == "openai_compatible"


def test_the_secrets_of_a_deployment_are_good_ones(tmp_path: Path) -> None:
    run(typed("docs/guides/deploy.md", "host="), tmp_path)
    for_compose, values = (_variables(tmp_path / name) for name in (".env", "platform.env"))
    compose = (PROJECT / "compose.yaml").read_text()
    assert set(for_compose) == set(re.findall(r"\$\{(\w+):\?\}", compose))
    assert set(values) <= {*variables_of_settings()}
    Fernet(values["ENCRYPTION_KEYS"].partition(":")[2])
    assert len(values["SECRET_KEY"]) >= 50


def _variables(file: Path) -> dict[str, str]:
    assert file.stat().st_mode & 0o077 == 0
    return dict(line.split("=", 1) for line in file.read_text().splitlines())

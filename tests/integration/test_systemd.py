"""The units of deploy/systemd: read by systemd itself, and held to what the guides say of them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.house.test_documentation import daily_commands
from tests.support.environment import PROJECT, variables_of_settings

UNITS = PROJECT / "deploy" / "systemd"
INSTANCES = {
    "chatplatform-web@.service": "8001",
    "chatplatform-daily@.service": "cleanup_sessions",
    "chatplatform-daily@.timer": "cleanup_sessions",
}
#: Of systemd's ten; an own service without any of these restrictions has 9.6.
MOST_EXPOSURE = 2.0


def names() -> list[str]:
    """Each unit, templates with an instance."""
    files = (file.name for file in UNITS.iterdir() if file.is_file())
    return sorted(name.replace("@.", f"@{INSTANCES[name]}.") if "@." in name else name for name in files)


def lines_of(name: str) -> list[str]:
    """The settings of a service, those that all have in common included."""
    common = (UNITS / "chatplatform-.service.d" / "common.conf").read_text()
    text = (UNITS / re.sub(r"@[^.]+", "@", name)).read_text() + common
    return [line for line in text.splitlines() if line and not line.startswith(("#", "["))]


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units with the paths of this checkout, since systemd looks whether programs are there."""
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    for file in folder.rglob("*.*"):
        if file.is_file():
            file.write_text(file.read_text().replace("/opt/chatplatform", str(PROJECT)))
    return folder


def analyze(units: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"}
    return subprocess.run(["systemd-analyze", *arguments], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="There is no systemd-analyze on this machine.")
@pytest.mark.parametrize("name", names())
def test_systemd_accepts_every_unit(units: Path, name: str) -> None:
    read = analyze(units, "verify", "--man=no", name)
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="There is no systemd-analyze on this machine.")
@pytest.mark.parametrize("name", [name for name in names() if name.endswith(".service")])
def test_every_service_is_hardened(units: Path, name: str) -> None:
    read = analyze(units, "security", "--offline=true", "--no-pager", name)
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", read.stdout)
    assert exposure, read.stderr
    assert float(exposure[1]) <= MOST_EXPOSURE, read.stdout


@pytest.mark.parametrize("name", [name for name in names() if name.endswith(".service")])
def test_services_start_what_there_is(name: str) -> None:
    lines = lines_of(name)
    (start,) = (line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart="))
    if " manage.py " in start:
        assert start.split(" manage.py ")[1].split()[0].replace("%i", "cleanup_sessions") in get_commands()
    else:
        # As the image starts it, but on a port of this machine alone.
        image = re.search(r"^CMD \[(.*)\]$", (PROJECT / "Dockerfile").read_text(), re.MULTILINE)
        assert image
        words = re.findall(r'"([^"]*)"', image[1].replace("port=8000:interface=0.0.0.0", "port=%i:interface=127.0.0.1"))
        assert start == "/opt/chatplatform/.venv/bin/" + " ".join(words)
    variables = {
        word.split("=")[0]
        for line in lines
        if line.startswith("Environment=")
        for word in line.split("=", 1)[1].split()
    }
    assert variables - {"PYTHONUNBUFFERED"} <= set(variables_of_settings())


def test_the_password_of_the_owner_is_given_to_migrations_alone() -> None:
    given = {name: [line for line in lines_of(name) if line.startswith("EnvironmentFile=")] for name in names()}
    assert {name for name, files in given.items() if any("owner" in file for file in files)} == {
        "chatplatform-migrate.service"
    }


def test_the_guide_has_a_timer_for_every_daily_command() -> None:
    daily = daily_commands()
    guide = (PROJECT / "docs" / "guides" / "deploy.md").read_text()
    listed = re.search(r"for command in ([\w ]+); do", guide)
    assert listed
    assert set(listed[1].split()) == daily
    assert (
        set(
            re.findall(
                r"docker compose run --rm worker python manage\.py (\w+)$", guide.split("## Each day")[1], re.MULTILINE
            )
        )
        == daily
    )

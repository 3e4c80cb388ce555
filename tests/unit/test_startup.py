"""How a process that cannot start says so: one sentence, no traceback."""

import os
import subprocess
import sys

import pytest

from chatplatform.lib.database import problem_of
from tests.support.environment import FIXED, PROJECT

UNREACHABLE = "postgresql://nobody:sesame@127.0.0.1:1/none"


def run(*command: str, **variables: str | None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **FIXED, **variables}
    return subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env={name: value for name, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "migrate"),
        ("-c", "import chatplatform.asgi"),
        ("-m", "daphne", "-p", "0", "chatplatform.asgi:application"),
    ],
)
def test_an_unreachable_database_is_one_sentence(command: tuple[str, ...]) -> None:
    done = run(*command, DATABASE_URL=UNREACHABLE)
    assert done.returncode == 1
    assert "The database does not answer; check DATABASE_URL." in done.stderr
    assert "Traceback" not in done.stderr
    assert "sesame" not in done.stderr


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"DEBUG": "false", "SECRET_KEY": None}, "SECRET_KEY is missing"),
        ({"DEBUG": "false", "DATABASE_URL": None}, "DATABASE_URL is missing"),
        ({"DEBUG": "perhaps"}, "DEBUG must be true or false"),
        ({"CHATKIT_CLIENT": "theirs"}, "CHATKIT_CLIENT must be one of auto, openai, open"),
        ({"SECURE_PROXY_SSL_HEADER": "X-Forwarded-Proto"}, "SECURE_PROXY_SSL_HEADER must look like"),
    ],
)
def test_a_wrong_setting_is_one_sentence(variables: dict[str, str | None], sentence: str) -> None:
    done = run("manage.py", "check", **variables)
    assert done.returncode == 1
    assert done.stderr.startswith(f"chatplatform cannot start. {sentence}")
    assert done.stderr.count("\n") == 1


def test_help_needs_no_database() -> None:
    done = run("manage.py", "check", DATABASE_URL=UNREACHABLE)
    assert done.returncode == 0, done.stderr


def test_an_old_server_and_one_without_pgvector_are_refused() -> None:
    assert "PostgreSQL 14" in (problem_of(version=14, vector="0.8.0") or "")
    assert "lacks pgvector" in (problem_of(version=15, vector=None) or "")
    assert "pgvector 0.7.4" in (problem_of(version=15, vector="0.7.4") or "")
    assert problem_of(version=15, vector="0.8.0") is None
    assert problem_of(version=15, vector="0.10.0") is None


def test_a_wait_for_messages_is_longer_than_redis_py_would_wait() -> None:
    """Otherwise each silence of five seconds is an error, and a message that comes then is lost."""
    code = (
        "import django; django.setup()\n"
        "from channels.layers import get_channel_layer\n"
        "from channels_redis.utils import create_pool\n"
        "layer = get_channel_layer()\n"
        "print(create_pool(layer.hosts[0]).make_connection().socket_timeout - layer.brpop_timeout)"
    )
    done = run("-c", code, REDIS_URL="redis://127.0.0.1:1")
    assert float(done.stdout) >= 1, done.stderr

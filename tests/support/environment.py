"""The environment of every test and of every server that a test starts: the same on each machine."""

import atexit
import functools
import os
import re
import shutil
import tempfile
from pathlib import Path

import django
from django.conf import settings

PROJECT = Path(__file__).resolve().parents[2]

FIXED = {
    "DJANGO_SETTINGS_MODULE": "chatplatform.settings",
    "DEBUG": "true",
    "SECRET_KEY": "tests-only-1fC0q7wV9rXo3ZbLk8sJ2mTn5yHd4gPu6eRa",
    "LOG_LEVEL": "warning",
    "CHATKIT_CLIENT": "open",
    "RUN_TRACES": "off",
    # Many tests share one client address; those of the limits set their own.
    "CHAT_SESSION_RATE_LIMIT": "100000/minute",
    "CHAT_RATE_LIMIT": "100000/minute",
    "CHAT_ADDRESS_RATE_LIMIT": "100000/minute",
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
}

_KEPT = {"DATABASE_URL"}  # Tests run against another PostgreSQL when it is named.


def variables_of_settings() -> list[str]:
    """The environment variables that settings.py reads, in its order."""
    source = (PROJECT / "chatplatform" / "settings.py").read_text()
    return list(dict.fromkeys(re.findall(r'env\.\w+\(\s*"([A-Z][A-Z0-9_]*)"', source)))


@functools.cache
def _folder() -> str:
    """Where this worker and its servers keep files, until it ends."""
    folder = tempfile.mkdtemp(prefix="chatplatform-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def apply() -> None:
    """Forget what the machine sets, take what tests need, and load Django."""
    for name in variables_of_settings():
        if name not in _KEPT:
            os.environ.pop(name, None)
            os.environ.pop(f"{name}_FILE", None)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)
    # Dozens of processes start: let each find our modules compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.update(FIXED)
    django.setup()
    # Settings may be older: a worker of xdist has read them with the environment that it was born with.
    os.environ["ATTACHMENTS_FOLDER"] = settings.ATTACHMENTS_FOLDER = _folder()
    settings.STORAGES["attachments"]["OPTIONS"]["location"] = _folder()

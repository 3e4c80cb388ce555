"""The worker for work in the background, as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping

from tests.support import databases
from tests.support.environment import PROJECT


def work(variables: Mapping[str, str]) -> str:
    """Do all work that waits; what the worker logged."""
    command = [sys.executable, "manage.py", "db_worker", "--batch", "--no-reload", "--no-startup-delay"]
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": databases.url_of(), **variables},
        check=True,
        timeout=60,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    return done.stdout

"""The worker for work in the background, as a process of its own."""

import atexit
import os
import subprocess
import sys
from collections.abc import Mapping

from tests.support import databases
from tests.support.environment import PROJECT

_DONE = "-- done --"
#: The process's own program: each line that it reads is an order to do all work that waits.
_PROGRAM = f"""
import sys
import django
from django.core.management import call_command
django.setup()
for _ in sys.stdin:
    call_command("db_worker", batch=True, reload=False, startup_delay=False)
    print({_DONE!r}, flush=True)
"""
_workers: dict[frozenset[tuple[str, str]], "subprocess.Popen[str]"] = {}


def work(variables: Mapping[str, str]) -> str:
    """Do all work that waits; what the worker logged."""
    environment = {"DATABASE_URL": databases.url_of(), **variables}
    worker = _worker(environment)
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write("work\n")
    worker.stdin.flush()
    logged = ""
    for line in worker.stdout:
        if line.rstrip() == _DONE:
            return logged
        logged += line
    message = f"The worker ended:\n{logged}"
    raise AssertionError(message)


def _worker(environment: Mapping[str, str]) -> "subprocess.Popen[str]":
    """The process with this environment: it takes longer to start than to do the work of a test, so it is kept."""
    key = frozenset(environment.items())
    if key not in _workers:
        end()
        _workers[key] = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            cwd=PROJECT,
            env={**os.environ, **environment},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    return _workers[key]


@atexit.register
def end() -> None:
    """End the processes that were kept."""
    for worker in _workers.values():
        worker.communicate()
    _workers.clear()

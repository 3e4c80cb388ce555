"""A model provider of somebody else's making: `@copilotkit/aimock`, a process on this machine.

What it says stands in `tests/support/aimock/`; the last message of the user picks the answer.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import httpx

from tests.support.environment import PROJECT
from tests.support.servers import free_port

FIXTURES = PROJECT / "tests" / "support" / "aimock"
_PROGRAM = PROJECT / "frontend" / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
_SECONDS_TO_START = 20.0


class AiMock:
    """The process.  ``url`` is what `PROVIDER_BASE_URL` takes."""

    def __init__(self, log: Path) -> None:
        self.port = free_port()
        command = [str(PROJECT / "scripts" / "with-node"), "node", str(_PROGRAM), "--port", str(self.port)]
        options = ["--fixtures", str(FIXTURES), "--strict", "--chunk-size", "6", "--log-level", "warn"]
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [*command, *options], cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + _SECONDS_TO_START
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                message = f"aimock did not start:\n{log.read_text()}"
                raise AssertionError(message)
            time.sleep(0.05)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health", timeout=5, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

"""Real servers: the platform's ASGI application in processes of its own, as in production."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.support.environment import PROJECT

Kind = Literal["daphne", "uvicorn"]

_SECONDS_TO_START = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class ServerProcess:
    """One server process. It keeps its port, so that clients find it again after a restart."""

    log_path: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = "daphne"
    application: str = "chatplatform.asgi:application"
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def url_of(self, host: str) -> str:
        """The address under another name of this machine, such as a tenant's ``acme.localhost``."""
        return f"http://{host}:{self.port}"

    @property
    def log(self) -> str:
        """What all its processes wrote."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def pid(self) -> int:
        assert self.process is not None, "The server was not started."
        return self.process.pid

    def start(self) -> "ServerProcess":
        """Start the process and wait until it answers."""
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self._command(),
                cwd=PROJECT,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait_until_ready()
        return self

    def kill(self) -> None:
        """End it as ``kill -9`` does: it has no chance to say goodbye."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as a service manager does, and by force if it does not go within ten seconds."""
        try:
            self._end(signal.SIGTERM)
        except subprocess.TimeoutExpired:
            self.kill()

    def tell_to_end(self) -> None:
        """Send SIGTERM, and do not wait."""
        os.killpg(self.pid, signal.SIGTERM)

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        assert self.process is not None, "The server was not started."
        return self.process.wait(timeout=20)

    def restart(self, *, kill: bool = False) -> "ServerProcess":
        if kill:
            self.kill()
        else:
            self.stop()
        return self.start()

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        self.process.wait(timeout=10)

    def _command(self) -> list[str]:
        if self.kind == "uvicorn":
            return [sys.executable, "-m", "uvicorn", self.application, "--host", "127.0.0.1", "--port", str(self.port)]
        endpoint = f"tcp:port={self.port}:interface=127.0.0.1:backlog=2048"
        return [sys.executable, "-m", "daphne", "-e", endpoint, self.application]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _SECONDS_TO_START
        assert self.process is not None
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                message = f"The server ended with status {self.process.returncode}:\n{self.log}"
                raise AssertionError(message)
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5):
                return
            time.sleep(0.05)
        self.kill()
        message = f"The server did not answer within {_SECONDS_TO_START:.0f} seconds:\n{self.log}"
        raise AssertionError(message)


@dataclass
class KeptServers:
    """The processes that were asked for last, by their settings: starting one costs as much as a dozen tests at it."""

    folder: Path
    common: Mapping[str, str]
    most: int = 4
    _servers: dict[tuple[Kind, frozenset[tuple[str, str]]], ServerProcess] = field(default_factory=dict)
    _started: int = 0

    def get(self, variables: Mapping[str, str], kind: Kind) -> ServerProcess:
        """The process with these settings; the one that was used longest ago makes room for it."""
        key = (kind, frozenset(variables.items()))
        server = self._servers.pop(key, None)
        if server is None or server.process is None or server.process.poll() is not None:
            while len(self._servers) >= self.most:
                self._servers.pop(next(iter(self._servers))).stop()
            self._started += 1
            server = ServerProcess(self.folder / f"{self._started}.log", {**self.common, **variables}, kind).start()
        self._servers[key] = server
        return server

    def stop(self) -> None:
        for server in self._servers.values():
            server.stop()
        self._servers.clear()

"""Two servers, a worker, Redis and PostgreSQL, with a proxy on each line that can break."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import quick
from tests.faults.model import Model
from tests.support import databases, redis
from tests.support.environment import PROJECT
from tests.support.servers import ServerProcess, free_port
from tests.support.tcp_proxy import TcpProxy, database_proxy

#: Seconds; short, so that a round has room for what happens after one.
LEASE = 4
SETTINGS = {
    "CHAT_RUN_LEASE_SECONDS": str(LEASE),
    "CHAT_RUN_CHECKPOINT_SECONDS": "0.2",
    "CHAT_HEARTBEAT_SECONDS": "0.5",
    "CHAT_DRAIN_SECONDS": "3",
    "PROVIDER_TIMEOUT_SECONDS": "3",
    "WORKER_LEASE_SECONDS": str(LEASE),
    "LOG_LEVEL": "warning",
}


class _Program:
    """A program without a port of its own to wait for."""

    def __init__(self, command: list[str], log: Path, environment: dict[str, str]) -> None:
        self._command, self.log_path, self._environment = command, log, environment
        self.process: subprocess.Popen[bytes] | None = None
        #: How much of its log the rounds before have looked at.
        self.seen = 0

    @property
    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, cwd=PROJECT, env={**os.environ, **self._environment}, stdout=log, stderr=log
            )

    def end(self, how: signal.Signals) -> None:
        if self.is_running():
            assert self.process is not None
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout=20)


class Installation:
    """The processes, and the lines between them."""

    def __init__(self, folder: Path, model: Model) -> None:
        self.model = model
        self.database, database_url = database_proxy(databases.url_of())
        port = free_port()
        assert redis.PROGRAM is not None, "The campaign needs redis-server."
        self.redis_server = _Program(
            [redis.PROGRAM, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
            folder / "redis.log",
            {},
        )
        self.redis = TcpProxy(("127.0.0.1", port))
        shared = {
            **quick(model),
            **SETTINGS,
            "DATABASE_URL": database_url,
            "REDIS_URL": f"redis://127.0.0.1:{self.redis.port}/0",
        }
        self.servers = [ServerProcess(folder / f"server-{number}.log", shared) for number in range(2)]
        self.worker = _Program(
            [sys.executable, "manage.py", "db_worker", "--no-reload", "--no-startup-delay", "--interval", "0.3"],
            folder / "worker.log",
            shared,
        )

    def start(self) -> None:
        self.redis_server.start()
        for server in self.servers:
            server.start()
        self.worker.start()

    def stop(self) -> None:
        self.restore_lines()
        for server in self.servers:
            with contextlib.suppress(ProcessLookupError):
                self.signal(server, signal.SIGCONT)
            server.kill()
        self.worker.end(signal.SIGKILL)
        self.redis_server.end(signal.SIGTERM)
        self.database.stop()
        self.redis.stop()

    def heal(self) -> None:
        """Mend all lines, and start what has ended."""
        self.restore_lines()
        if not self.redis_server.is_running():
            self.redis_server.start()
        for server in self.servers:
            if is_alive(server):
                self.signal(server, signal.SIGCONT)
            else:
                server.start()
        if not self.worker.is_running():
            self.worker.start()

    def restore_lines(self) -> None:
        self.model.fault = ""
        self.database.restore()
        self.redis.restore()

    @staticmethod
    def signal(server: ServerProcess, number: signal.Signals) -> None:
        if server.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.process.pid, number)

    def logs(self) -> Iterator[tuple[str, str]]:
        for server in self.servers:
            yield server.log_path.name, server.log
        yield self.worker.log_path.name, self.worker.log


def is_alive(server: ServerProcess) -> bool:
    return server.process is not None and server.process.poll() is None


def descriptors(server: ServerProcess) -> int:
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))


def resident_megabytes(server: ServerProcess) -> float:
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


def pause(seconds: float, until: float) -> None:
    """Wait, and not beyond a moment: the faults of a round have times of their own."""
    time.sleep(max(0.0, min(seconds, until - time.monotonic())))

"""The servers under test as processes on a core of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

PROJECT = Path(__file__).resolve().parents[1]
LOGS = PROJECT / "var" / "bench"
_START_SECONDS = 120.0

#: With one core there is nothing to divide; with more, the server has one to itself, and generator and database share another.
_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = {_CORES[0]}
OTHER_CORE = {_CORES[1] if len(_CORES) > 1 else _CORES[0]}
ALL_CORES = set(_CORES)


@dataclass
class Server:
    """One server process.  ``headers`` is the file with the users that the load generator is."""

    name: str
    path: str
    headers: Path
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    cores: set[int] = field(default_factory=lambda: SERVER_CORE)
    port: int = 0
    process: psutil.Popen | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.port = _free_port()
        command = [part.format(port=self.port) for part in self.command]
        LOGS.mkdir(parents=True, exist_ok=True)
        with (LOGS / f"{self.name}.log").open("w") as log:
            self.process = psutil.Popen(
                [sys.executable, "-m", *command],
                cwd=PROJECT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.process.cpu_affinity(list(self.cores))
        deadline = time.monotonic() + _START_SECONDS
        while not _is_open(self.port):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.name} does not start; see {LOGS / self.name}.log")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except psutil.TimeoutExpired:
                self.process.kill()
            self.process = None

    @property
    def memory(self) -> int:
        """Resident bytes."""
        assert self.process is not None
        return int(self.process.memory_info().rss)

    @property
    def cpu_seconds(self) -> float:
        assert self.process is not None
        times = self.process.cpu_times()
        return float(times.user + times.system)


@contextmanager
def running(*servers: Server) -> Iterator[None]:
    """The servers, for the length of a block."""
    with ExitStack() as stack:
        for server in servers:
            server.start()
            stack.callback(server.stop)
        yield


@contextmanager
def pinned(pid: int, cores: set[int]) -> Iterator[None]:
    """A process with its children, and those it will have, on ``cores`` for the length of a block."""
    family = [psutil.Process(pid), *psutil.Process(pid).children()]
    before = []
    for process in family:
        # A worker of the database may have ended meanwhile.
        with suppress(psutil.NoSuchProcess):
            before.append((process, process.cpu_affinity()))
    try:
        for process in family:
            _move(process, list(cores))
        yield
    finally:
        for process, was in before:
            _move(process, was or [])
        for process in psutil.Process(pid).children():
            _move(process, before[0][1] or [])


def _move(process: psutil.Process, cores: list[int]) -> None:
    # A connection may have ended meanwhile.
    with suppress(psutil.NoSuchProcess):
        process.cpu_affinity(cores)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

"""A Redis server of our own, where the machine has the program."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers import free_port

PROGRAM = shutil.which("redis-server")


@contextlib.contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """Its address, as `REDIS_URL` takes it."""
    with _running(folder) as (port, _process):
        yield f"redis://127.0.0.1:{port}/0"


@dataclass
class Guarded:
    """A primary, its replica, and a Sentinel that watches them."""

    address: str
    ports: list[int]
    _primary: subprocess.Popen[bytes]

    def kill_primary(self) -> None:
        self._primary.kill()
        self._primary.wait(timeout=10)


@contextlib.contextmanager
def guarded_redis(folder: Path) -> Iterator[Guarded]:
    """Two servers of which Sentinel makes the second one the primary when the first one is gone for half a second."""
    folders = [folder / name for name in ("first", "second", "sentinel")]
    for each in folders:
        each.mkdir()
    with (
        _running(folders[0]) as (first, process),
        _running(folders[1], "--replicaof", "127.0.0.1", str(first)) as (second, _),
    ):
        rules = folders[2] / "sentinel.conf"
        rules.write_text(
            f"sentinel monitor chat 127.0.0.1 {first} 1\n"
            "sentinel down-after-milliseconds chat 500\nsentinel failover-timeout chat 2000\n"
        )
        with _running(folders[2], "--sentinel", file=rules) as (sentinel, _sentinel):
            # Sentinel learns of the replica from the primary, which it asks every ten seconds.
            ask = ["redis-cli", "-p", str(sentinel), "sentinel", "replicas", "chat"]
            deadline = time.monotonic() + 30
            while str(second) not in subprocess.run(ask, capture_output=True, text=True, check=True).stdout:
                assert time.monotonic() < deadline, "Sentinel did not see the replica."
                time.sleep(0.1)
            yield Guarded(f"redis+sentinel://127.0.0.1:9,127.0.0.1:{sentinel}/chat", [first, second], process)


@contextlib.contextmanager
def _running(folder: Path, *options: str, file: Path | None = None) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The port of one process, and the process."""
    assert PROGRAM is not None
    port = free_port()
    command = [
        PROGRAM,
        *([str(file)] if file else ["--save", ""]),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(folder),
    ]
    with (folder / "redis.log").open("wb") as log:
        process = subprocess.Popen([*command, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert time.monotonic() < deadline, "Redis did not start."
            time.sleep(0.02)
        yield port, process
    finally:
        process.terminate()
        process.wait(timeout=10)

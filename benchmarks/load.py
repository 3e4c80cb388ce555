"""The load generator from Python: compiled when its source has changed, run on its own core."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from benchmarks.processes import LOGS, OTHER_CORE, Server

_SOURCE = Path(__file__).with_name("load.c")
_PROGRAM = LOGS / "load"
Result = dict[str, Any]


def compile_generator() -> None:
    """Raises SystemExit when there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise SystemExit("The load generator needs a C compiler: install gcc.")
    if not _PROGRAM.exists() or _PROGRAM.stat().st_mtime < _SOURCE.stat().st_mtime:
        LOGS.mkdir(parents=True, exist_ok=True)
        subprocess.run([compiler, "-O2", "-Wall", "-o", str(_PROGRAM), str(_SOURCE)], check=True)


def turns(server: Server, *, connections: int, seconds: float, text: str = "200,0") -> Result:
    """Create a thread, add a message, and again; answers are read to their end."""
    return _finish(_start("turns", server, connections=connections, seconds=seconds, text=text))


def requests(server: Server, body: dict[str, Any], *, connections: int, seconds: float) -> Result:
    """One JSON request over and over."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(body, file)
        file.flush()
        return _finish(_start("requests", server, connections=connections, seconds=seconds, body=file.name))


def slow(
    servers: list[Server],
    *,
    connections: int,
    text: str,
    arrivals: float,
    cores: set[int] = OTHER_CORE,
    while_streaming: Callable[[], None],
) -> list[Result]:
    """Many slow streams at once, spread over servers, so many a second; calls ``while_streaming`` once all have begun."""
    share, ramp_us = connections // len(servers), round(1e6 * len(servers) / arrivals)
    generators = [
        _start("slow", server, cores, connections=share, seconds=0, text=text, **{"ramp-us": ramp_us})
        for server in servers
    ]
    begun = [json.loads(generator.stdout.readline() or "{}") for generator in generators]
    if all("ready" in result for result in begun):
        while_streaming()
    return [
        _finish(generator) | {"ready": result.get("ready", -1.0)}
        for generator, result in zip(generators, begun, strict=True)
    ]


def _start(mode: str, server: Server, cores: set[int] = OTHER_CORE, **options: Any) -> Any:
    options |= {"port": server.port, "path": server.path, "headers": server.headers}
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    generator = psutil.Popen([str(_PROGRAM), mode, *arguments], stdout=subprocess.PIPE, text=True)
    generator.cpu_affinity(list(cores))
    return generator


def _finish(generator: Any) -> Result:
    output, _ = generator.communicate()
    lines = output.strip().splitlines()
    if generator.returncode or not lines:
        raise SystemExit("The load generator failed; its message stands above.")
    result: Result = json.loads(lines[-1])
    return result

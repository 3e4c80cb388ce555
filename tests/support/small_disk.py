"""A disk that can be full: a file system where the machine lets us mount one, else a limit on what a process may write."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_UNLIMITED = resource.RLIM_INFINITY


@dataclass
class SmallDisk:
    """``folder`` is on it.  ``is_mounted``: it really is a file system, with errors of its own."""

    folder: Path
    is_mounted: bool

    @contextlib.contextmanager
    def full(self, pid: int, *, room: int = 0) -> Iterator[None]:
        """No more than ``room`` bytes fit; the process with this id, and those that it starts, are the ones who write."""
        if not self.is_mounted:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (room, _UNLIMITED))
            try:
                yield
            finally:
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (_UNLIMITED, _UNLIMITED))
            return
        ballast = self.folder / "ballast"
        state = os.statvfs(self.folder)
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(state.f_bavail * state.f_frsize - room, 1))
        try:
            yield
        finally:
            ballast.unlink()


@contextlib.contextmanager
def small_disk(folder: Path, size: int = 16 * 1024 * 1024) -> Iterator[SmallDisk]:
    """A disk of so many bytes at this folder."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    is_mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield SmallDisk(folder, is_mounted)
    finally:
        if is_mounted:
            # Servers that still have files open on it end after the test.
            subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=True)

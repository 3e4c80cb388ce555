"""Looking into a file of a stranger, in a child process with little memory and time: parsers have bugs, and files are hostile."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.child import OUTPUT_BYTES

#: Seconds that a file may take, waiting for the processor included.
PATIENCE = 20.0
#: Characters of text that are kept of a file.
MOST_CHARACTERS = 200_000
_PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found: the text of a document, and the JPEG of an image; empty where there is none."""

    text: str
    preview: bytes


def inspect(file: IO[bytes], mime: str) -> Inspection:
    """Read a real file that claims to be of type ``mime``.  Blocks: for threads only.

    Raises:
        PlatformError: ``file_mismatch``, when it is something else; ``file_unreadable``, when it is broken, locked, or takes more
            memory or time than a file may.
    """
    file.seek(0)
    command = [sys.executable, "-s", "-m", "chatplatform.lib.files.child", mime, str(MOST_CHARACTERS)]
    with tempfile.TemporaryFile() as output:
        try:
            done = subprocess.run(  # noqa: S603 - no shell; the type was checked against a list
                command,
                cwd=_PROJECT,
                env={"LANG": "C.UTF-8"},  # none of our secrets
                stdin=file,
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PlatformError("file_unreadable") from None
        output.seek(0)
        head, _, preview = output.read(OUTPUT_BYTES).partition(b"\n")
    if done.returncode != 0:
        raise PlatformError("file_unreadable")
    report = json.loads(head)
    if problem := report.get("problem"):
        raise PlatformError("file_mismatch" if problem == "mismatch" else "file_unreadable")
    return Inspection(report["text"], preview)

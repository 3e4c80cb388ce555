"""Looking into a file of a stranger, in a child process with little memory and time: parsers have bugs, and files are hostile."""

from __future__ import annotations

import errno
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.child import NO_ROOM, OUTPUT_BYTES, Use
from chatplatform.lib.files.storage_errors import temporary_file

#: Seconds that a file may take, waiting for the processor included.
PATIENCE: dict[Use, float] = {"attachment": 20.0, "knowledge": 240.0}
#: Characters of text that are kept of a file.
MOST_CHARACTERS: dict[Use, int] = {"attachment": 200_000, "knowledge": 5_000_000}
_PROJECT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found: the text of a document, and the JPEG of an image; empty where there is none."""

    text: str
    preview: bytes


def inspect(file: IO[bytes], mime: str) -> Inspection:
    """Read a real file that claims to be of type ``mime``, for a message.  Blocks: for threads only.

    Raises:
        PlatformError: ``file_mismatch``, when it is something else; ``file_unreadable``, when it is broken, locked, or takes more
            memory or time than a file may; ``file_storage_full``, when what is found in it cannot be written.
    """
    report, preview = _read("attachment", file, mime)
    return Inspection(report["text"], preview)


def read_pages(file: IO[bytes], mime: str) -> list[str]:
    """The pages of a document for the knowledge of an assistant; one where it has none.  Blocks, and raises as `inspect`."""
    report, _nothing = _read("knowledge", file, mime)
    pages: list[str] = report["pages"]
    return pages


def _read(use: Use, file: IO[bytes], mime: str) -> tuple[dict[str, Any], bytes]:
    file.seek(0)
    command = [sys.executable, "-s", "-m", "chatplatform.lib.files.child", use, mime, str(MOST_CHARACTERS[use])]
    with temporary_file() as output:
        try:
            done = subprocess.run(  # noqa: S603 - no shell; the type was checked against a list
                command,
                cwd=_PROJECT,
                env={"LANG": "C.UTF-8"},  # none of our secrets
                stdin=file,
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=PATIENCE[use],
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise PlatformError("file_unreadable") from None
        if done.returncode == NO_ROOM:
            raise OSError(errno.ENOSPC, "there is no room for what was found in a file")
        output.seek(0)
        head, _, preview = output.read(OUTPUT_BYTES[use]).partition(b"\n")
    if done.returncode != 0:
        raise PlatformError("file_unreadable")
    report: dict[str, Any] = json.loads(head)
    if problem := report.get("problem"):
        raise PlatformError("file_mismatch" if problem == "mismatch" else "file_unreadable")
    return report, preview

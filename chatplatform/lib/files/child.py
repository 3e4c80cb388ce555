"""The process that reads one file of a stranger: ``python -m chatplatform.lib.files.child <media type> <characters>``.

The file is its standard input.  It writes one line of JSON, ``{"text": …}`` or ``{"problem": "mismatch" | "unreadable"}``, and the
preview's bytes behind it.  It gives up memory, time and files before it looks at the first byte, and knows nothing: no settings, no
environment, no database.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import BinaryIO

from chatplatform.lib.files.kinds import KINDS
from chatplatform.lib.files.problems import Mismatch

MEMORY_BYTES = 1_000_000_000
CPU_SECONDS = 10
OUTPUT_BYTES = 8_000_000


def limit_process() -> None:
    """What this process may use from now on."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))


def look(file: BinaryIO, mime: str, characters: int) -> tuple[dict[str, str], bytes]:
    """The report, and the preview of an image.

    Raises:
        Mismatch, Unreadable
    """
    kind = KINDS.get(mime)
    if kind is None:
        _check_signature(file, mime)
        return {"text": ""}, b""
    if kind.family == "image":
        from chatplatform.lib.files.images import preview_of

        return {"text": ""}, preview_of(file, mime)
    from chatplatform.lib.files.texts import text_of

    return {"text": text_of(file, kind.family, characters)}, b""


def _check_signature(file: BinaryIO, mime: str) -> None:
    """A kind that is not read here must at least begin like one."""
    import puremagic

    try:
        found = puremagic.magic_string(file.read(8192))
    except puremagic.PureError as error:
        raise Mismatch from error
    if mime not in {match.mime_type for match in found}:
        raise Mismatch


def main() -> None:
    mime, characters = sys.argv[1], int(sys.argv[2])
    limit_process()
    report: dict[str, str]
    preview = b""
    try:
        with os.fdopen(0, "rb", closefd=False) as file:
            report, preview = look(file, mime, characters)
    except Mismatch:
        report = {"problem": "mismatch"}
    except Exception:  # noqa: BLE001 - the libraries fail in many ways at what is broken
        report = {"problem": "unreadable"}
    sys.stdout.buffer.write(json.dumps(report).encode() + b"\n" + preview)


if __name__ == "__main__":
    main()

"""The process that reads one file of a stranger: ``python -m chatplatform.lib.files.child <use> <media type> <characters>``.

The file is its standard input.  It writes one line of JSON, and behind it the bytes of an image's preview.  The JSON is
``{"text": …}`` for the use ``attachment``, ``{"pages": […]}`` for ``knowledge``, or ``{"problem": "mismatch" | "unreadable"}``.
It gives up memory, time and files before it looks at the first byte, and knows nothing: no settings, no environment, no database.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sys
from typing import Any, BinaryIO, Literal

from chatplatform.lib.files.kinds import KINDS
from chatplatform.lib.files.problems import Mismatch, Unreadable

Use = Literal["attachment", "knowledge"]
#: The exit status when there is no room for the report: the file is not at fault.
NO_ROOM = os.EX_IOERR
MEMORY_BYTES = 1_000_000_000
#: Somebody waits for an attachment; nobody waits for a handbook.
CPU_SECONDS: dict[Use, int] = {"attachment": 10, "knowledge": 120}
OUTPUT_BYTES: dict[Use, int] = {"attachment": 8_000_000, "knowledge": 64_000_000}


def limit_process(use: Use) -> None:
    """What this process may use from now on."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS[use]),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES[use]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))


def look(file: BinaryIO, use: Use, mime: str, characters: int) -> tuple[dict[str, Any], bytes]:
    """The report, and the preview of an image.

    Raises:
        Mismatch, Unreadable
    """
    kind = KINDS.get(mime)
    if use == "knowledge":
        from chatplatform.lib.files.documents import pages_of

        if kind is None or kind.family == "image":
            raise Unreadable
        return {"pages": pages_of(file, kind.family, characters)}, b""
    if kind is None:
        _check_signature(file, mime)
        return {"text": ""}, b""
    if kind.family == "image":
        from chatplatform.lib.files.images import preview_of

        return {"text": ""}, preview_of(file, mime)
    from chatplatform.lib.files.documents import text_of

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
    use: Use = "knowledge" if sys.argv[1] == "knowledge" else "attachment"
    mime, characters = sys.argv[2], int(sys.argv[3])
    limit_process(use)
    report: dict[str, Any]
    preview = b""
    try:
        with os.fdopen(0, "rb", closefd=False) as file:
            report, preview = look(file, use, mime, characters)
    except Mismatch:
        report = {"problem": "mismatch"}
    except Exception:  # noqa: BLE001 - the libraries fail in many ways at what is broken
        report = {"problem": "unreadable"}
    try:
        sys.stdout.buffer.write(json.dumps(report).encode() + b"\n" + preview)
        sys.stdout.buffer.flush()
    except OSError as error:
        # A report larger than `OUTPUT_BYTES` is the file's own fault; Python's own last flush would fail again.
        os._exit(1 if error.errno == errno.EFBIG else NO_ROOM)


if __name__ == "__main__":
    main()

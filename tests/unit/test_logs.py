"""What stands in a record cannot pass for another one."""

import io
import logging
import subprocess
import sys

from chatplatform.lib.logs import JsonLines, Lines, WithoutExceptionTexts

#: What a user wrote.
TEXT = "canary-of-alice"
FORMAT = "{levelname} {name}: {message}"


def test_a_record_is_one_line_whatever_somebody_wrote() -> None:
    forged = "late\n2026-01-01 ERROR chatplatform.audit: \x1b[31mforged\r\u2028\x85"
    record = logging.LogRecord("chatplatform.audit", logging.INFO, "", 0, "suspended: %s", (forged,), None)
    line = Lines(FORMAT, style="{").format(record)
    assert line == (
        r"INFO chatplatform.audit: suspended: late\n2026-01-01 ERROR chatplatform.audit: \x1b[31mforged\r\u2028\x85"
    )


def test_a_trace_comes_below_its_line() -> None:
    try:
        raise ValueError("no")
    except ValueError as error:
        about = (type(error), error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "", 0, "failed", (), about)
    lines = Lines(FORMAT, style="{").format(record).splitlines()
    assert (lines[0], lines[1], lines[-1]) == (
        "ERROR x: failed",
        "Traceback (most recent call last):",
        # Its text may hold what a user wrote.
        "ValueError",
    )


def test_the_texts_of_exceptions_are_in_no_record() -> None:
    """Those that libraries log, those in a chain, and those that nobody catches."""
    try:
        try:
            raise ValueError(TEXT)
        except ValueError as error:
            raise LookupError(TEXT) from error
    except LookupError as error:
        about = (type(error), error, error.__traceback__)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(WithoutExceptionTexts())
    for formatter in (Lines(FORMAT, style="{"), JsonLines()):
        handler.setFormatter(formatter)
        for record in (
            logging.LogRecord("x", logging.ERROR, "", 0, "inside: %s", (about[1],), about),
            logging.LogRecord("x", logging.ERROR, "", 0, about[1], (), None),
            logging.LogRecord("asyncio", logging.ERROR, "", 0, f"never retrieved\nfuture: {about[1]!r}", (), about),
        ):
            handler.handle(record)
    assert TEXT not in stream.getvalue()
    assert stream.getvalue().count("LookupError") >= 6
    assert "while handling" in stream.getvalue()


def test_what_nobody_catches_is_logged_without_its_text() -> None:
    script = """
import logging, sys, threading
TEXT = "-".join(("canary", "of", "alice"))
from chatplatform.lib.logs import Lines, WithoutExceptionTexts, log_uncaught
handler = logging.StreamHandler()
handler.setFormatter(Lines("{message}", style="{"))
logging.getLogger().addHandler(handler)
log_uncaught()

class Broken:
    def __del__(self):
        raise ValueError(TEXT)

def fail():
    raise ValueError(TEXT)

thread = threading.Thread(target=fail)
thread.start()
thread.join()
Broken()
fail()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("caught by nobody") == 3
    assert done.stderr.count("ValueError") == 3
    assert TEXT not in done.stderr

"""What stands in a record cannot pass for another one."""

import logging

from chatplatform.lib.logs import Lines

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
        "ValueError: no",
    )

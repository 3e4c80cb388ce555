"""Logs, as lines for people or as JSON: whom each was about, and nothing that anybody wrote.

Lines carry the ids of the request, the tenant and the run that they are about, however deep below them they are written.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Final

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

logger = logging.getLogger(__name__)

IDS: Final = ("request_id", "tenant", "run_id")
_ids: ContextVar[dict[str, str] | None] = ContextVar("ids", default=None)


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """What is logged in the block, and in tasks that begin there, has these ids, too."""
    token = _ids.set({**(_ids.get() or {}), **ids})
    try:
        yield
    finally:
        _ids.reset(token)


def learn(**ids: str) -> None:
    """The surrounding block is about these as well, as is known only now; outside of one nothing happens."""
    if (known := _ids.get()) is not None:
        known.update(ids)


class WithIds(logging.Filter):
    """Adds the ids to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        known = _ids.get() or {}
        for name in IDS:
            setattr(record, name, known.get(name))
        return True


class WithoutExceptionTexts(logging.Filter):
    """Names the exceptions that a library puts into its message by their kind alone: their text may hold what a user wrote."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, BaseException):
            record.msg = type(record.msg).__qualname__
        if isinstance(record.args, tuple):
            record.args = tuple(
                type(each).__qualname__ if isinstance(each, BaseException) else each for each in record.args
            )
        if record.name == "asyncio" and isinstance(record.msg, str):
            # Below its first line are the objects concerned, an exception's text among them.
            record.msg = record.msg.partition("\n")[0]
        return True


#: What could end a line, or tell a terminal something.
_CONTROLS = {code: repr(chr(code))[1:-1] for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}


class WithoutTexts(logging.Formatter):
    """Of an exception: where it happened and of what kind it is.  Its text may hold what a user wrote."""

    def formatException(  # noqa: N802 - the name is logging's
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
    ) -> str:
        _kind, error, _trace = ei
        parts = []
        while error is not None:
            parts.append("".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "Traceback (most recent call last):\n" + "\nwhile handling\n".join(parts)


class Lines(WithoutTexts):
    """One line for each record: what stands in one (a reason, a name) cannot begin another.  A trace comes below it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        return super().formatMessage(record).translate(_CONTROLS)


class JsonLines(WithoutTexts, JsonFormatter):
    """One JSON object for each record, with ids that there are."""

    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{message}",
            style="{",
            timestamp="time",
            rename_fields={"levelname": "level", "name": "logger"},
            # Django hangs its requests on records, with everything that they bring.
            reserved_attrs=[*RESERVED_ATTRS, "request", "server_time"],
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in log_data.items() if name not in IDS or value is not None}


def configuration(*, level: str, style: str) -> dict[str, Any]:
    """Django's `LOGGING`: everything to standard error, as "line" or "json"."""
    warnings_at_most = max(level, "WARNING", key=logging.getLevelName)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"ids": {"()": WithIds}, "texts": {"()": WithoutExceptionTexts}},
        "formatters": {
            "line": {"()": Lines, "fmt": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {"()": JsonLines},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": style, "filters": ["ids", "texts"]}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Statements with what stands in their rows.
            "django.db.backends": {"level": max(level, "INFO", key=logging.getLevelName)},
            # They write down whole addresses, and with them what users and models wrote.
            **{name: {"level": "WARNING"} for name in ("httpx", "httpx2", "mcp")},
            # Its notes at the start tell users nothing.
            "daphne": {"level": warnings_at_most},
            # These would write prompts and addresses with keys: the clients of providers, and the Agents SDK (below `openai`).
            **{name: {"level": warnings_at_most} for name in ("openai", "httpx", "httpx2", "httpcore2")},
        },
    }


def log_uncaught() -> None:
    """Log the exceptions that Python itself would write to standard error, text and all; at a terminal it still does."""
    if sys.stderr is None or sys.stderr.isatty():
        return
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_of_thread
    sys.unraisablehook = lambda found: _log_uncaught(found.exc_type, found.exc_value, found.exc_traceback)


def _log_uncaught_of_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_type is not SystemExit:
        _log_uncaught(found.exc_type, found.exc_value, found.exc_traceback)


def _log_uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), trace)
        return
    logger.critical("an exception was caught by nobody", exc_info=(kind, error or kind(), trace))

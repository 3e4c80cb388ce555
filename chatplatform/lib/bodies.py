"""A bound on what a request to a page may carry, before Django writes the body down and parses it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from chatplatform.lib.files.storage_errors import storage_error
from chatplatform.lib.problems.api import ERRORS

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class TooLargeError(Exception):
    """A body has become larger than it may be."""


class BoundedBodies:
    """Answers 413 where a body is announced or turns out to be larger than ``PAGE_MAX_BODY_BYTES``, 507 where the disk is full."""

    def __init__(self, django: Application) -> None:
        self._django = django

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        size, most = 0, settings.PAGE_MAX_BODY_BYTES
        is_started = False

        async def counted() -> dict[str, Any]:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > most:
                raise TooLargeError
            return message

        async def noted(message: dict[str, Any]) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        announced = dict(scope["headers"]).get(b"content-length", b"")
        if announced.isdigit() and (len(announced) > 18 or int(announced) > most):
            await _refuse(send, "too_large")
            return
        try:
            await self._django(scope, counted, noted)
        except TooLargeError:  # Django reads the whole body before it answers
            await _refuse(send, "too_large")
        except OSError as error:  # It writes a large one to a temporary file, outside the reach of its own error pages.
            if is_started or (known := storage_error(error)) is None:
                raise
            await _refuse(send, known.code)


async def _refuse(send: Send, code: str) -> None:
    spec = ERRORS[code]
    body = f"{spec.message} {spec.hint}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": spec.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

"""A bound on what a request to a page may carry, before Django writes the body down and parses it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from chatplatform.lib.problems.api import ERRORS

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class TooLargeError(Exception):
    """A body has become larger than it may be."""


class BoundedBodies:
    """Answers 413 where a body is announced or turns out to be larger than ``PAGE_MAX_BODY_BYTES``."""

    def __init__(self, django: Application) -> None:
        self._django = django

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        size, most = 0, settings.PAGE_MAX_BODY_BYTES

        async def counted() -> dict[str, Any]:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > most:
                raise TooLargeError
            return message

        announced = dict(scope["headers"]).get(b"content-length", b"")
        if announced.isdigit() and (len(announced) > 18 or int(announced) > most):
            await _refuse(send)
            return
        try:
            await self._django(scope, counted, send)
        except TooLargeError:  # Django reads the whole body before it answers
            await _refuse(send)


async def _refuse(send: Send) -> None:
    spec = ERRORS["too_large"]
    body = f"{spec.message} {spec.hint}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": spec.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

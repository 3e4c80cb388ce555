"""How large the body of a request may be, by its route: refused by what it announces, and while it comes in.

Servers that hand a body over as it comes in are bounded by `BoundedBodies`; Daphne, which reads all of it first, by
`chatplatform.lib.daphne`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

import orjson
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http.cookie import parse_cookie  # noqa: TID251 - it stands before Django's handler
from django.urls import Resolver404, resolve

from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.storage_errors import storage_error
from chatplatform.lib.ids import new_id

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
#: Method, path, and whether a login may be behind the request: the largest body, in bytes.
BodyLimit = Callable[[str, str, bool], int]
#: The largest body of a request that no route takes.
NO_ROUTE_BYTES = 16 * 1024


class TooLargeError(Exception):
    """A body has become larger than it may be."""


def page_body_limit(path: str, *, may_be_login: bool) -> int:
    """The largest body of a request to a page.

    A view has its own as ``max_body``.  Pages of the admin panel that take files (``takes_files`` of the model's page) take them of
    logins; all other pages take forms without files.
    """
    try:
        view = resolve(path).func
    except Resolver404:
        return NO_ROUTE_BYTES
    own: int | None = getattr(view, "max_body", None)
    if own is not None:
        return own
    if may_be_login and getattr(getattr(view, "model_admin", None), "takes_files", False):
        return settings.PAGE_MAX_BODY_BYTES
    return min(settings.PAGE_MAX_BODY_BYTES, settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)


def refusal_of(path: str, error: PlatformError) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to a body that is refused: JSON for the API, else a sentence."""
    if path.startswith("/api/"):
        request_id = new_id("request")
        kind, body, more = "application/json", orjson.dumps(error.envelope(request_id)), {"x-request-id": request_id}
    else:
        kind, body, more = "text/plain; charset=utf-8", f"{error.spec.message} {error.spec.hint}\n".encode(), {}
    headers = {
        "content-type": kind,
        "content-length": str(len(body)),
        "cache-control": "no-store",
    }
    return error.status, {**headers, **error.headers, **more}, body


class BoundedBodies:
    """Answers 413 where a body is announced or turns out to be larger than its page takes, 507 where the disk is full."""

    def __init__(self, django: Application) -> None:
        self._django = django

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        body, is_started = _Body(scope), False

        async def counted() -> dict[str, Any]:
            message = await receive()
            await body.grow_to(body.size + len(message.get("body", b"")))
            body.size += len(message.get("body", b""))
            return message

        async def noted(message: dict[str, Any]) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            announced = dict(scope["headers"]).get(b"content-length", b"")
            if announced.isdigit():
                await body.grow_to(int(announced[:18]))
            await self._django(scope, counted, noted)
        except TooLargeError:  # Django reads the whole body before it answers
            await _refuse(send, scope["path"], PlatformError("too_large"))
        except OSError as error:  # It writes a large one to a temporary file, outside the reach of its own error pages.
            if is_started or (known := storage_error(error)) is None:
                raise
            await _refuse(send, scope["path"], known)


async def _refuse(send: Send, path: str, error: PlatformError) -> None:
    status, headers, content = refusal_of(path, error)
    lines = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": content})


class _Body:
    """The body of one request as it comes in; without one nothing is looked up."""

    def __init__(self, scope: dict[str, Any]) -> None:
        self._scope = scope
        self._limit: int | None = None
        self.size = 0

    async def grow_to(self, size: int) -> None:
        """Raises: TooLargeError: the page does not take so much."""
        if not size:
            return
        path = self._scope["path"]
        if self._limit is None:
            self._limit = page_body_limit(path, may_be_login=False)
        if size > self._limit and size <= page_body_limit(path, may_be_login=True) and await _is_login(self._scope):
            self._limit = page_body_limit(path, may_be_login=True)
        if size > self._limit:
            raise TooLargeError


async def _is_login(scope: dict[str, Any]) -> bool:
    """Whether Django's session of the request is somebody's who signed in.  At most one query."""
    cookies = parse_cookie(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1"))
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    return key is not None and await in_database(_has_login, key)


def _has_login(key: str) -> bool:
    store = import_module(settings.SESSION_ENGINE).SessionStore(key)
    return SESSION_KEY in store

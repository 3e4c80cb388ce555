"""The chat's streaming API as an ASGI application in front of Django's."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from chatkit.store import NotFoundError
from django.conf import settings
from django.db import InterfaceError, OperationalError

from chat.runs.registry import registry
from chat.server import server
from chat.views import unknown_host
from chat.views.attachments import ENVELOPE_BYTES, attachment_create, content_get, content_options, content_put
from chat.views.chatkit import chatkit
from chat.views.entities import commands_search, entities_search, entity_preview
from chat.views.http import Receive, Request, Scope, Send
from chat.views.runs import run_cancel, run_events
from chatplatform.lib.bodies import NO_ROUTE_BYTES, page_body_limit
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.logs import about
from chatplatform.lib.telemetry import span

logger = logging.getLogger(__name__)
Application = Callable[[Scope, Any, Any], Awaitable[None]]

#: Path, method, handler.  The path's groups become the handler's arguments; a path may have several methods.
ROUTES: list[tuple[re.Pattern[str], str, Callable[..., Awaitable[None]]]] = [
    (re.compile(r"/api/chatkit"), "POST", chatkit),
    (re.compile(r"/api/chatkit/runs/([^/]+)/events"), "GET", run_events),
    (re.compile(r"/api/chatkit/runs/([^/]+)/cancel"), "POST", run_cancel),
    (re.compile(r"/api/chatkit/attachments"), "POST", attachment_create),
    (re.compile(r"/api/chatkit/attachments/([^/]+)/content"), "GET", content_get),
    (re.compile(r"/api/chatkit/attachments/([^/]+)/content"), "PUT", content_put),
    (re.compile(r"/api/chatkit/attachments/([^/]+)/content"), "OPTIONS", content_options),
    (re.compile(r"/api/chatkit/entities"), "GET", entities_search),
    (re.compile(r"/api/chatkit/entities/([^/]+)/([^/]+)/preview"), "GET", entity_preview),
    (re.compile(r"/api/chatkit/commands"), "GET", commands_search),
]


def body_limit(method: str, path: str, may_be_login: bool) -> int:  # noqa: FBT001 - a `BodyLimit`
    """The largest body of a request, in bytes, by its route here or under Django."""
    of_path = {of_method: handler for pattern, of_method, handler in ROUTES if pattern.fullmatch(path)}
    match of_path.get(method):
        case None:
            return NO_ROUTE_BYTES if of_path else page_body_limit(path, may_be_login=may_be_login)
        case handler if handler is chatkit:
            return settings.CHAT_MAX_BODY_BYTES
        case handler if handler in {attachment_create, content_put}:
            return settings.CHAT_MAX_ATTACHMENT_BYTES + ENVELOPE_BYTES
        case _:
            return NO_ROUTE_BYTES


class BrokenStreamError(Exception):
    """An answer failed after its headers had gone out."""


class ChatApi:
    """Serves `ROUTES` itself and passes everything else on."""

    def __init__(self, django: Application) -> None:
        self._django = django
        self._is_watching = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_watching:  # there is no earlier moment: not all servers tell an application that they start
            self._is_watching = True
            registry().watch.start(server().store)
        request = Request(scope, receive, send)
        try:
            is_ours = await unknown_host.is_ours(request)
        except (OperationalError, InterfaceError):
            await request.refuse(PlatformError("unavailable"))
            return
        if not is_ours:
            await unknown_host.refuse(request)
            return
        allowed = []
        for pattern, method, handler in ROUTES:
            if (match := pattern.fullmatch(scope["path"])) is not None:
                if method == scope["method"]:
                    route = f"{method} {pattern.pattern}"
                    with (
                        about(request_id=request.request_id),
                        span("request", route=route, request_id=request.request_id),
                    ):
                        await _serve(request, handler, match.groups())
                    return
                allowed.append(method)
        if allowed:
            headers = {"Allow": ", ".join(allowed)}
            await request.refuse(PlatformError("method_not_allowed", headers=headers))
            return
        await self._django(scope, receive, send)


async def _serve(request: Request, handler: Callable[..., Awaitable[None]], args: tuple[Any, ...]) -> None:
    try:
        await handler(request, *args)
    except ConnectionError:
        pass  # the client is gone: nobody is left to answer
    except Exception as error:
        answer = _answer_to(error)
        if answer.code == "internal" or request.is_started:
            # An exception's text may hold what a user wrote: its type is enough outside development.
            logger.error(  # noqa: TRY400
                "request %s failed: %s",
                request.request_id,
                type(error).__name__,
                exc_info=error if settings.DEBUG else None,
            )
        if request.is_started:
            # The server then cuts the connection, which tells the client to come back; it would stay open for ever otherwise.
            raise BrokenStreamError from None
        await request.refuse(answer)


def _answer_to(error: Exception) -> PlatformError:
    match error:
        case PlatformError():
            return error
        case NotFoundError():
            return PlatformError("not_found")
        case _:
            return PlatformError("internal")

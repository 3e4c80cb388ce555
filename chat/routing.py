"""The chat's streaming API as an ASGI application in front of Django's."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from chatkit.store import NotFoundError
from django.conf import settings

from chat.views.chatkit import chatkit
from chat.views.http import Receive, Request, Scope, Send
from chat.views.runs import run_cancel, run_events
from chatplatform.lib.errors import PlatformError

logger = logging.getLogger(__name__)
Application = Callable[[Scope, Any, Any], Awaitable[None]]

#: Path, method, handler.  The path's groups become the handler's arguments.
ROUTES: list[tuple[re.Pattern[str], str, Callable[..., Awaitable[None]]]] = [
    (re.compile(r"/api/chatkit"), "POST", chatkit),
    (re.compile(r"/api/chatkit/runs/([^/]+)/events"), "GET", run_events),
    (re.compile(r"/api/chatkit/runs/([^/]+)/cancel"), "POST", run_cancel),
]


class ChatApi:
    """Serves `ROUTES` itself and passes everything else on."""

    def __init__(self, django: Application) -> None:
        self._django = django

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for pattern, method, handler in ROUTES:
            if (match := pattern.fullmatch(scope["path"])) is not None:
                await _serve(Request(scope, receive, send), method, handler, match.groups())
                return
        if scope["path"].startswith("/api/") and not (request := Request(scope, receive, send)).is_for_us:
            await request.refuse(PlatformError("not_found"))  # the envelope, where Django would answer with a page
            return
        await self._django(scope, receive, send)


async def _serve(request: Request, method: str, handler: Callable[..., Awaitable[None]], args: tuple[Any, ...]) -> None:
    try:
        if request.method != method:
            raise PlatformError("method_not_allowed", headers={"Allow": method})
        await handler(request, *args)
    except PlatformError as error:
        await request.refuse(error)
    except NotFoundError:
        await request.refuse(PlatformError("not_found"))
    except ConnectionError:
        pass  # the client is gone: nobody is left to answer
    except Exception as error:
        # An exception's text may hold what a user wrote: its type is enough outside development.
        logger.error(  # noqa: TRY400
            "request %s failed: %s",
            request.request_id,
            type(error).__name__,
            exc_info=error if settings.DEBUG else None,
        )
        if not request.is_started:
            await request.refuse(PlatformError("internal"))

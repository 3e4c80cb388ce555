"""Headers that depend on the page.  `chatplatform.lib.security_headers` adds those of every response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from chatplatform.lib.csp import USES_CHATKIT, admin_policy, debug_policy, page_policy
from chatplatform.lib.security_headers import permissions_policy

_ADMIN, _PAGE = admin_policy(), page_policy()


class SecurityHeadersMiddleware:
    """Content-Security-Policy, Cache-Control, and on pages with a chat the microphone; a view that sets one itself keeps it.

    Nothing that a view answers is kept by a browser or a proxy, unless the view says so: most pages are for one login alone.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self.__acall__(request)
        return _secured(request, self.get_response(request))

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        return _secured(request, await self.get_response(request))


def _secured(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Content-Security-Policy", _policy(request, response))
    if request.META.get(USES_CHATKIT):
        official = settings.CHATKIT_JS_URL if settings.CHATKIT_CLIENT != "open" else ""
        response.headers.setdefault("Permissions-Policy", permissions_policy("self", official))
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _policy(request: HttpRequest, response: HttpResponseBase) -> str:
    if settings.DEBUG and response.status_code >= 400 and b"DEBUG = True" in getattr(response, "content", b""):
        return debug_policy()
    if request.resolver_match is not None and "admin" in request.resolver_match.app_names:
        return _ADMIN
    if request.META.get(USES_CHATKIT) and settings.CHATKIT_CLIENT != "open":
        return page_policy(settings.CHATKIT_JS_URL)
    return _PAGE

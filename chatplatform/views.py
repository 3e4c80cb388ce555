"""Probes, `/healthz` (this process serves) and `/readyz` (and everything behind it does), and the figures of `/metrics`.

Also the icon of pages that name none, the 404 of the API, and the page of an error that no view has answered.
"""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.crypto import constant_time_compare
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from chat.runs import figures
from chatplatform.health import examine, look_at_queue
from chatplatform.lib.bodies import NO_ROUTE_BYTES
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.storage_errors import discard_uploads, storage_error
from chatplatform.lib.ids import new_id

#: Headers by which a proxy says that it asks for somebody else.
_FORWARDED = ("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_REAL_IP")


@never_cache
@require_safe
async def healthz(_request: HttpRequest) -> HttpResponse:
    """200 while the process serves; asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
async def readyz(_request: HttpRequest) -> HttpResponse:
    """The verdicts, with 200 when everything is well, else 503."""
    health = await examine()
    return JsonResponse(health.report(), status=200 if health.is_ready else 503)


@never_cache
@require_safe
async def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of this process, for whoever watches the installation."""
    if not _may_watch(request):
        return _refusal(PlatformError("metrics_refused", headers={"WWW-Authenticate": "Bearer"}))
    return HttpResponse(figures.exposition(await look_at_queue()), content_type=CONTENT_TYPE_LATEST)


@require_safe
async def favicon(_request: HttpRequest) -> HttpResponse:
    """Where the icon is: browsers ask for it by this name."""
    return HttpResponseRedirect(static("chatplatform/icon.svg"))


@csrf_exempt
@never_cache
async def no_such_route(request: HttpRequest, **_path: str) -> HttpResponse:
    """404 with the error envelope for an address of the API that there is not; 501 where a WSGI server hides all that there are."""
    return _refusal(PlatformError("not_found" if isinstance(request, ASGIRequest) else "asgi_required"))


no_such_route.max_body = NO_ROUTE_BYTES  # type: ignore[attr-defined]


def server_error(request: HttpRequest) -> HttpResponse:
    """The page of an error that no view has answered.  Django has called it within the exception's handler.

    An upload to a page is written to temporary files before a view sees it: a full disk is said as such.
    """
    problem = sys.exc_info()[1]
    known = storage_error(problem) if problem is not None else None
    if known is None:
        return defaults.server_error(request)
    discard_uploads(request.upload_handlers)
    response = render(request, "storage_error.html", {"problem": known}, status=known.status)
    for name, value in known.headers.items():
        response[name] = value
    return response


def _refusal(error: PlatformError) -> HttpResponse:
    request_id = new_id("request")
    headers = {**error.headers, "X-Request-Id": request_id}
    return JsonResponse(error.envelope(request_id), status=error.status, headers=headers)


def _may_watch(request: HttpRequest) -> bool:
    """With `METRICS_TOKEN` who bears it; without one nobody but a developer at their own machine.

    A proxy need not say that it is one, so that an address proves nothing about who asks.
    """
    if settings.METRICS_TOKEN:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    is_here = request.META.get("REMOTE_ADDR") in {"127.0.0.1", "::1"}
    return settings.DEBUG and is_here and not any(name in request.META for name in _FORWARDED)

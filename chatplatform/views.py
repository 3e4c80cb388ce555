"""Probes, `/healthz` (this process serves) and `/readyz` (and its database answers).

Also the icon of pages that name none, and the 404 of the API.
"""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from chatplatform.lib.termination import termination


@never_cache
@require_safe
async def healthz(_request: HttpRequest) -> HttpResponse:
    """200 while the process serves; asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")


@never_cache
@require_safe
async def readyz(_request: HttpRequest) -> HttpResponse:
    """200 while the database answers and the process is to go on, else 503 with the error envelope."""
    try:
        if termination.is_near:
            raise PlatformError("shutting_down")
        await in_database(_ask_database)
    except PlatformError as error:
        return JsonResponse(error.envelope(new_id("request")), status=error.status, headers=error.headers)
    return HttpResponse("ok", content_type="text/plain")


@require_safe
async def favicon(_request: HttpRequest) -> HttpResponse:
    """Where the icon is: browsers ask for it by this name."""
    return HttpResponseRedirect(static("chatplatform/icon.svg"))


@csrf_exempt
@never_cache
async def no_such_route(_request: HttpRequest, **_path: str) -> HttpResponse:
    """404 with the error envelope for an address of the API that there is not."""
    error = PlatformError("not_found")
    return JsonResponse(error.envelope(new_id("request")), status=error.status)


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")

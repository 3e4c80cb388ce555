"""Be oneself again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from tenants import impersonation
from tenants.acting import acting_as
from tenants.panel.scope import actor_of


@never_cache
@csrf_protect
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End that of this browser; where there is none, nothing happens."""
    if request.user.is_authenticated:
        with acting_as(actor_of(request)):
            impersonation.end(request)
    return redirect("admin:index")

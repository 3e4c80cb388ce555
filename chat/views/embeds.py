"""The chat on other people's sites: the script that they name, what it asks first, and the frame that it opens."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.embed_visitors import embed_named
from chat.client_options import accent_of, locale_of, scheme_of
from chat.page_options import embed_config, is_hosted, official_url, options_of
from chatplatform.lib.csp import frame_policy
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from chatplatform.lib.security_headers import permissions_policy
from tenants import hosts
from tenants.models import Embed

DEFAULT_ACCENT = "#1f6f5c"


@cache_control(public=True, max_age=300)
@require_safe
def script(_request: HttpRequest) -> HttpResponse:
    """Where the script of this version is: sites keep the short name for years."""
    return HttpResponseRedirect(static("chatkit/embed.js"))


@vary_on_headers("Origin")
@cache_control(public=True, max_age=60)
@require_safe
def config(request: HttpRequest, public_id: str) -> HttpResponse:
    """What the launcher looks like, for the sites of the embed.  No cookie takes part."""
    try:
        embed = _embed(request, public_id)
        origin = request.headers.get("Origin")
        if origin is not None and origin not in _origins(request, embed):
            raise PlatformError("origin_refused")
        response = JsonResponse(_appearance(embed))
    except PlatformError as error:
        return JsonResponse(error.envelope(new_id("request")), status=error.status)
    if origin is not None:
        response["Access-Control-Allow-Origin"] = origin
    return response


@never_cache
@xframe_options_exempt
@require_safe
def frame(request: HttpRequest, public_id: str) -> HttpResponse:
    """The page in the frame.  Browsers show it within the sites of the embed, and nowhere else."""
    try:
        embed = _embed(request, public_id)
        options = options_of(embed.assistant)
    except PlatformError:
        return render(request, "404.html", status=404)
    origins = _origins(request, embed)
    page = {
        "embed": embed,
        "scheme": scheme_of(options),
        "config": embed_config(
            embed,
            origins=origins,
            options=options,
            hosted=is_hosted(embed.assistant.published_version_id, embed.tenant_id),
            locale=locale_of(request.headers.get("Accept-Language", "")),
        ),
    }
    response = render(request, "chat/embed.html", page)
    response["Content-Security-Policy"] = frame_policy(origins, official_url())
    response["Permissions-Policy"] = permissions_policy("self", official_url())
    return response


def _embed(request: HttpRequest, public_id: str) -> Embed:
    """On the host of another tenant it does not exist."""
    embed = embed_named(public_id)
    if hosts.tenant_slug_of_host(request.get_host()) not in (None, embed.tenant.slug):
        raise PlatformError("not_found")
    return embed


def _origins(request: HttpRequest, embed: Embed) -> list[str]:
    """The sites that may show it, and our own pages, where it is tried out."""
    return [*embed.allowed_origins, f"{request.scheme}://{request.get_host()}".lower()]


def _appearance(embed: Embed) -> dict[str, Any]:
    accent = embed.accent or accent_of(options_of(embed.assistant))
    return {
        "name": embed.name,
        "launcher_text": embed.launcher_text,
        "position": embed.position,
        "accent": accent if accent.startswith("#") and len(accent) == 7 else DEFAULT_ACCENT,
        "on_accent": embed.on_accent,
        "greeting": embed.greeting,
        "greeting_seconds": embed.greeting_seconds,
    }

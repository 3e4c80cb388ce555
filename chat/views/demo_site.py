"""A shop of another origin, for the demo: the page around an embed, and what its server signs.  Exists only in DEBUG.

The platform itself plays it under its other name: to browsers `localhost` and `127.0.0.1` are two sites.
"""

from __future__ import annotations

import time

import jwt
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import demo
from chatplatform.lib.csp import showing_policy
from chatplatform.lib.ids import new_id
from chatplatform.lib.security_headers import permissions_policy
from tenants.models import Embed, Tenant

#: The platform, as seen from each name of the shop.
_OTHER = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The shop, for nobody or for one of its customers."""
    embed, other = _embed(), _OTHER.get(request.get_host().partition(":")[0])
    if embed is None or other is None:
        raise Http404
    platform = f"{request.scheme}://{other}:{request.get_port()}"
    who = request.GET.get("who", "")
    customers = demo.CUSTOMERS
    context = {
        "embed": embed,
        "platform": platform,
        "who": who if who in customers else "",
        "name": customers.get(who),
        "customers": customers,
    }
    response = render(request, "chat/demo_site.html", context)
    response["Content-Security-Policy"] = showing_policy(platform)
    response["Permissions-Policy"] = permissions_policy("self", platform)
    return response


@never_cache
@require_safe
def token(request: HttpRequest) -> HttpResponse:
    """What the shop's server says of the customer who is signed in; here the address does."""
    embed, who = _embed(), request.GET.get("who", "")
    if embed is None or who not in demo.CUSTOMERS:
        raise Http404
    claims = {
        "sub": who,
        "aud": embed.public_id,
        "exp": int(time.time()) + 60,
        "jti": new_id("request"),
        "name": demo.CUSTOMERS[who],
    }
    signed = jwt.encode(claims, demo.SITE_SECRET, "HS256", {"kid": demo.SITE_KEY_ID})
    return HttpResponse(signed, content_type="text/plain")


def _embed() -> Embed | None:
    tenant = Tenant.objects.filter(slug=demo.DEMO[0].slug).first() if settings.DEBUG else None
    return Embed.objects.for_tenant(tenant).filter(name=demo.SITE).first() if tenant is not None else None

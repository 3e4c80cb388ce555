"""Pages that people open: the landing page and a tenant's chat."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import demo, identity
from accounts.models import User
from chat.client_options import accent_of, scheme_of
from chat.page_options import options_of
from chatplatform.lib.errors import PlatformError
from tenants import confinement, hosts, impersonation
from tenants.models import Tenant


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The landing page; on a tenant's own host its chat."""
    slug = hosts.tenant_slug_of_host(request.get_host())
    return _landing(request) if slug is None else _chat(request, slug)


@never_cache
@require_safe
def chat(request: HttpRequest, slug: str) -> HttpResponse:
    """A tenant's chat on a shared host.  Its own host leads to the short address; on another tenant's it does not exist."""
    host_slug = hosts.tenant_slug_of_host(request.get_host())
    if host_slug is None:
        return _chat(request, slug)
    if host_slug != slug:
        return _not_found(request)
    query = request.META.get("QUERY_STRING", "")
    return redirect(f"/?{query}" if query else "/")


def _chat(request: HttpRequest, slug: str) -> HttpResponse:
    """The chat page, for whoever may open it.  A tenant that is unknown, suspended or not for this person: one answer.

    It is the login page for somebody who is not signed in: a member must find it there.
    """
    try:
        tenant = identity.tenant_named(slug)
    except PlatformError:
        return _refused(request)
    if tenant.access != Tenant.Access.ANONYMOUS and not identity.is_member(
        impersonation.speaker(request, tenant)[0], tenant
    ):
        return _refused(request)
    try:
        assistant = identity.assistant_named(tenant, None)
        options = options_of(assistant)
    except PlatformError:
        return render(request, "chat/unavailable.html", {"tenant": tenant}, status=503)
    page = {
        "tenant": tenant,
        "assistant": assistant,
        "accent": accent_of(options),
        "scheme": scheme_of(options),
        "next": request.get_full_path(),
    }
    return render(request, "chat/chat.html", page)


def _landing(request: HttpRequest) -> HttpResponse:
    own = confinement.memberships(request, request.user.pk) if isinstance(request.user, User) else []
    context: dict[str, Any] = {"tenants": [membership.tenant for membership in own]}
    if settings.DEBUG:
        seeded = set(Tenant.objects.filter(slug__in=[one.slug for one in demo.DEMO]).values_list("slug", flat=True))
        context["demos"] = [_demo(request, one) for one in demo.DEMO if one.slug in seeded]
        context["demo_password"] = demo.PASSWORD
        context["demo_staff"] = demo.STAFF[0]
    return render(request, "chat/landing.html", context)


def _demo(request: HttpRequest, one: demo.DemoTenant) -> dict[str, Any]:
    port = request.get_port()
    host = f"{one.slug}.localhost"
    return {
        "slug": one.slug,
        "name": one.name,
        "assistant": one.assistant,
        "greeting": one.options["startScreen"]["greeting"],
        "accent": accent_of(one.options),
        "is_open": one.access == Tenant.Access.ANONYMOUS,
        "host": host if port in {"80", "443"} else f"{host}:{port}",
        "people": [(role, one.email(role)) for role in one.people],
    }


def _refused(request: HttpRequest) -> HttpResponse:
    """The answer that does not tell whether the tenant exists."""
    return _not_found(request) if request.user.is_authenticated else redirect_to_login(request.get_full_path())


def _not_found(request: HttpRequest) -> HttpResponse:
    """The page of an unknown address; Django's own would say in DEBUG which view refused."""
    return render(request, "404.html", status=404)

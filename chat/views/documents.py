"""The page that a citation opens: what the assistant read of a document, at the place."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import identity, sessions
from accounts.cookies import cookie_name
from accounts.models import User
from chat.knowledge import reading
from chat.knowledge.scope import audiences_of
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import is_public_id
from tenants import hosts
from tenants.models import Membership, Tenant


@dataclass(frozen=True, slots=True)
class Reader:
    """Who may read a tenant's documents; ``role`` is that of a member, else empty."""

    tenant: Tenant
    role: str


@never_cache
@require_safe
def document(request: HttpRequest, slug: str, document_id: str) -> HttpResponse:
    """A document that answers, with the cited passage marked.  Whoever may not read it finds what does not exist."""
    reader = _reader(request, slug)
    if reader is None and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    found = None
    if reader is not None and is_public_id(document_id):
        found = reading.find(reader.tenant.pk, document_id, audiences_of(reader.role))
    if reader is None or found is None:
        return render(request, "404.html", status=404)
    at = request.GET.get("at", "")
    shown = reading.show(found, int(at) if at.isascii() and at.isdigit() and len(at) < 10 else None)
    context = {"tenant": reader.tenant, "document": found, "shown": shown, "text": SafeString(shown.html)}
    return render(request, "chat/document.html", context)


def _reader(request: HttpRequest, slug: str) -> Reader | None:
    """By the chat session of the tenant, or by the login of a member."""
    if hosts.tenant_slug_of_host(request.get_host()) not in (None, slug):
        return None
    try:
        tenant = identity.tenant_named(slug)
    except PlatformError:
        return None
    token = request.COOKIES.get(cookie_name(slug, https=request.is_secure()), "")
    try:
        session = sessions.recognise(token) if token else None
    except PlatformError:
        session = None
    if session is not None and session.tenant.id == tenant.pk:
        return Reader(tenant, session.end_user.role)
    if not isinstance(request.user, User):
        return None
    role = Membership.objects.for_tenant(tenant).filter(user=request.user).values_list("role", flat=True).first()
    return Reader(tenant, role) if role else None

"""The page that a citation opens: what the assistant read of a document, at the place."""

from __future__ import annotations

from collections.abc import Sequence
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
from accounts.speaker import VerifiedSession
from accounts.views.pace import refusal
from chat.agents.config import read_config
from chat.agents.retrieval import knowledge_of
from chat.knowledge import reading
from chat.models import Document
from chatplatform.lib.client_address import client_network
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import is_public_id
from tenants import hosts, impersonation, rate_limits
from tenants.models import Membership, Tenant


@dataclass(frozen=True, slots=True)
class Reader:
    """Who may read a tenant's documents.

    ``name`` is what their requests are counted under, ``role`` is that of a member, else empty.  A visitor sees what the assistant
    of their chat ``session`` knows; a member whatever is meant for them, which their login shows as well.
    """

    tenant: Tenant
    name: str
    role: str
    session: VerifiedSession | None = None


@never_cache
@require_safe
def document(request: HttpRequest, slug: str, document_id: str) -> HttpResponse:
    """A document that answers, with the cited passage marked.  Whoever may not read it finds what does not exist."""
    reader = _reader(request, slug)
    if reader is None and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if reader is not None:
        try:
            rate_limits.spend_sync(
                "documents",
                tenant=reader.tenant.pk,
                end_user=reader.name,
                address=None if reader.role else client_network(request.META),
            )
        except PlatformError as error:
            return refusal(request, error)
    found = _find(reader, document_id) if reader is not None and is_public_id(document_id) else None
    if reader is None or found is None:
        return render(request, "404.html", status=404)
    at = request.GET.get("at", "")
    shown = reading.show(found, int(at) if at.isascii() and at.isdigit() and len(at) < 10 else None)
    context = {"tenant": reader.tenant, "document": found, "shown": shown, "text": SafeString(shown.html)}
    return render(request, "chat/document.html", context)


def _find(reader: Reader, document_id: str) -> Document | None:
    """A document of the sources that are meant for this reader, and of a visitor's only those that their assistant names."""
    named: Sequence[str] = ()
    if reader.session is not None and not reader.role:
        version = reader.session.assistant.version_id
        if version is None:
            return None
        named = knowledge_of(read_config(version, reader.tenant.pk)).sources
    return reading.find(reader.tenant.pk, document_id, reader.role, named)


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
        return Reader(tenant, session.end_user.public_id, session.end_user.role, session)
    user, _ = impersonation.speaker(request, tenant)
    if not isinstance(user, User):
        return None
    role = Membership.active_in(tenant).filter(user=user).values_list("role", flat=True).first()
    return Reader(tenant, f"login {user.pk}", role) if role else None

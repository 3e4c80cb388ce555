"""Sign in by the provider of one's organisation: the way there, and the way back (`accounts.oidc`, `accounts.company`)."""

from __future__ import annotations

import time
from dataclasses import asdict, fields
from typing import Any, Final
from urllib.parse import urlencode

from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib import auth
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from accounts import company, identity, oidc
from accounts.views.pace import spend
from chatplatform.lib.client_address import client_address
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from tenants import confinement, hosts, impersonation, rate_limits
from tenants.acting import SYSTEM, Actor, acting_as
from tenants.models import AuditEvent, SignIn
from tenants.panel.scope import actor_of

#: The key of Django's session under which the one attempt of this browser is kept.
_ATTEMPT: Final = "sign_in_attempt"
_SECONDS: Final = 600
_LONGEST_CODE: Final = 4_096
_BACKEND: Final = "django.contrib.auth.backends.ModelBackend"


def offered(request: HttpRequest, target: str) -> SignIn | None:
    """What the login page offers: that of the host's tenant, or of the tenant whose page one wants to open."""
    slug = hosts.tenant_slug_of_host(request.get_host())
    if slug is None and target.startswith("/t/"):
        slug = target.split("/")[2]
    return _named(slug) if slug else None


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """POST leads to the provider; it takes our own page, so that no other site begins it.  GET is the tenant's login page."""
    sign_in = _of_address(request, slug)
    target = _target(request, slug)
    if request.method != "POST":
        return redirect(f"{reverse('account_login')}?{urlencode({'next': target})}")
    try:
        spend(request, "company sign-in")
        attempt = oidc.Attempt.begin(request.build_absolute_uri(reverse("sign_in_callback", args=[slug])))
        _let_go()
        metadata = async_to_sync(oidc.discover)(sign_in.issuer)
    except (PlatformError, oidc.OidcError) as error:
        return _refused(request, sign_in, error)
    kept = {**asdict(attempt), "generation": str(sign_in.generation), "at": time.time(), "next": target}
    if request.session.is_empty():
        request.session.set_expiry(_SECONDS)  # Of a stranger who never comes back, nothing stays for longer.
    request.session[_ATTEMPT] = kept
    # A page and no redirect: our policy lets forms lead nowhere else.
    address = oidc.authorization_url(metadata, sign_in.client_id, attempt)
    return render(request, "accounts/leaving.html", {"address": address, "sign_in": sign_in})


@never_cache
@require_safe
def callback(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the provider sends the browser back to."""
    sign_in = _of_address(request, slug)
    kept = request.session.pop(_ATTEMPT, None)
    address = client_address(request.META) if settings.AUDIT_ADDRESSES else None
    with acting_as(Actor(SYSTEM.kind, request_id=new_id("request"), address=address)):
        try:
            spend(request, "company sign-in")
            attempt = _attempt_of(request, sign_in, kept)
            secret = sign_in.reveal("a sign-in")
            _let_go()
            claims = async_to_sync(oidc.redeem)(sign_in, secret, attempt, request.GET["code"])
            user = company.admit(sign_in, claims)
        except (PlatformError, oidc.OidcError) as error:
            return _refused(request, sign_in, error)
    if request.user.is_authenticated:
        with acting_as(actor_of(request)):
            impersonation.end(request)
    # What this browser was before is gone, whoever it was.
    request.session.flush()
    auth.login(request, user, backend=_BACKEND)
    confinement.confine(request, sign_in)
    with acting_as(Actor("member", user.email, user.pk, new_id("request"), address)):
        AuditEvent.record(sign_in.tenant_id, "login.company", sign_in)
    return redirect(kept["next"])


def _let_go() -> None:
    """No connection is held while the provider is waited for, but where a transaction needs it."""
    if not connection.in_atomic_block:
        connection.close()


def _attempt_of(request: HttpRequest, sign_in: SignIn, kept: dict[str, Any] | None) -> oidc.Attempt:
    """The attempt that came back, to this browser and this host; it is used up.

    Raises:
        PlatformError: ``sign_in_expired``, ``sign_in_declined``.
    """
    here = request.build_absolute_uri(request.path)
    if (
        kept is None
        or not constant_time_compare(request.GET.get("state", ""), kept["state"])
        or kept["redirect_uri"] != here
        or kept["generation"] != str(sign_in.generation)
        or not 0 <= time.time() - kept["at"] <= _SECONDS
    ):
        raise PlatformError("sign_in_expired")
    if request.GET.get("iss", sign_in.issuer) != sign_in.issuer:
        raise oidc.UnprovenError("the answer is of another issuer")
    if "error" in request.GET or not 0 < len(request.GET.get("code", "")) <= _LONGEST_CODE:
        raise PlatformError("sign_in_declined")
    return oidc.Attempt(**{one.name: kept[one.name] for one in fields(oidc.Attempt)})


def _refused(request: HttpRequest, sign_in: SignIn, error: PlatformError | oidc.OidcError) -> HttpResponse:
    """The login page with what went wrong; the tenant's people find more of it in their audit trail."""
    if isinstance(error, PlatformError):
        problem, why = error, ""
    else:
        is_away = isinstance(error, oidc.UnavailableError)
        problem, why = PlatformError("sign_in_unavailable" if is_away else "sign_in_unproven"), error.reason
    if problem.code.startswith("sign_in_"):
        try:
            rate_limits.spend_sync("company sign-in refused", tenant=sign_in.tenant_id)
            company.refuse(sign_in, problem.code, why)
        except PlatformError:
            pass  # Enough of them are in the audit log.
    context = {"problem": problem, "sign_in": sign_in, "next": _home(sign_in.tenant.slug)}
    response = render(request, "accounts/company_refused.html", context, status=problem.status)
    for name, value in problem.headers.items():
        response[name] = value
    return response


def _named(slug: str) -> SignIn | None:
    try:
        return SignIn.of(identity.tenant_named(slug))
    except PlatformError:
        return None


def _of_address(request: HttpRequest, slug: str) -> SignIn:
    """Raises: Http404: the tenant has none, or this is the host of another one."""
    found = _named(slug)
    if found is None or hosts.tenant_slug_of_host(request.get_host()) not in (None, slug):
        raise Http404
    return found


def _target(request: HttpRequest, slug: str) -> str:
    """Where to go then: what was asked for, if it is on this very host; else the tenant's chat."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    host, https = request.get_host(), request.is_secure()
    return wanted if url_has_allowed_host_and_scheme(wanted, {host}, require_https=https) else _home(slug)


def _home(slug: str) -> str:
    return reverse("chat", args=[slug])

"""The page behind the link of an invitation."""

from __future__ import annotations

from typing import Final

from django import forms
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import members
from accounts.models import User
from accounts.views.links import posted_token
from accounts.views.pace import refusal, spend
from chatplatform.lib.client_address import client_address
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from tenants.acting import Actor, acting_as
from tenants.hosts import tenant_slug_of_host
from tenants.models import Invitation
from tenants.models.invitation import hash_of

_SALT: Final = "accounts.invitation"
#: For how long the browser remembers the link, in seconds.
_REMEMBERED_SECONDS: Final = 24 * 60 * 60


class NewLoginForm(forms.Form):
    """Of somebody who has no login yet; their address is the one that was invited."""

    name = forms.CharField(max_length=120)
    password = forms.CharField(max_length=1000, strip=False, validators=[validate_password])


@sensitive_post_parameters("password", "token")
@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Become a member: with the login of the address that was invited, or with a new one.

    The page that the link opens posts the token; from then on a cookie says which invitation is meant.
    A link that is unknown, expired, used, revoked, or for another login than the one signed in: all get the same answer.
    """
    try:
        spend(request, "invitation link")
    except PlatformError as error:
        return refusal(request, error, "accounts/invitation.html")
    if token := posted_token(request):
        return _remember(request, redirect("invitation"), token)
    opened = request.get_signed_cookie(_cookie(request), "", salt=_SALT)
    if not opened:
        return _page(request, status=200, is_closed=True)
    invitation = Invitation.of_hash(bytes.fromhex(opened))
    user = request.user if isinstance(request.user, User) else None
    if invitation is None or (user and user.email != invitation.email):
        return _page(request, status=404)
    if tenant_slug_of_host(request.get_host()) not in (None, invitation.tenant.slug):
        return _page(request, status=404)
    is_new = user is None and not User.objects.filter(email=invitation.email).exists()
    form = NewLoginForm(request.POST or None) if is_new else None
    if request.method == "POST" and (user or (form and form.is_valid())):
        try:
            _accept(request, invitation, user, form)
        except ValidationError:
            return _page(request, status=404)
        response = redirect("admin:index")
        response.delete_cookie(_cookie(request))
        return response
    return _page(request, invitation=invitation, form=form)


def _cookie(request: HttpRequest) -> str:
    """The cookie with the hash of the token.  By https it has the prefix that browsers bind to this very host."""
    return "__Host-invitation" if request.is_secure() else "invitation"


def _remember(request: HttpRequest, response: HttpResponse, token: str) -> HttpResponse:
    """Have the browser keep which link it opened.  A session would leave a row behind for whatever strangers post."""
    response.set_signed_cookie(
        _cookie(request),
        hash_of(token).hex(),
        salt=_SALT,
        max_age=_REMEMBERED_SECONDS,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def _accept(request: HttpRequest, invitation: Invitation, user: User | None, form: NewLoginForm | None) -> None:
    address = client_address(request.META) if settings.AUDIT_ADDRESSES else None
    actor = Actor("member", invitation.email, user.pk if user else None, new_id("request"), address)
    with acting_as(actor):
        joined = members.accept(invitation, user, **(form.cleaned_data if form else {}))
    if user is None:
        auth.login(request, joined)


def _page(request: HttpRequest, *, status: int = 200, **context: object) -> HttpResponse:
    return render(request, "accounts/invitation.html", context, status=status)

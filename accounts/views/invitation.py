"""The page behind the link of an invitation."""

from __future__ import annotations

from asgiref.sync import async_to_sync
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
from chatplatform.lib.client_address import client_address
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from tenants import quotas
from tenants.acting import Actor, acting_as
from tenants.hosts import tenant_slug_of_host
from tenants.models import Invitation


class NewLoginForm(forms.Form):
    """Of somebody who has no login yet; their address is the one that was invited."""

    name = forms.CharField(max_length=120)
    password = forms.CharField(max_length=1000, strip=False, validators=[validate_password])


@sensitive_post_parameters("password")
@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Become a member: with the login of the address that was invited, or with a new one.

    A link that is unknown, expired, used, revoked, or for another login than the one signed in: all get the same answer.
    """
    try:
        async_to_sync(quotas.spend)(settings.LOGIN_ADDRESS_RATE_LIMIT, "invitation", client_address(request.META))
    except PlatformError as error:
        response = _page(request, status=error.status, limited=error.spec)
        for name, value in error.headers.items():
            response[name] = value
        return response
    invitation = Invitation.of_token(token)
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
        return redirect("admin:index")
    return _page(request, invitation=invitation, form=form)


def _accept(request: HttpRequest, invitation: Invitation, user: User | None, form: NewLoginForm | None) -> None:
    address = client_address(request.META) if settings.AUDIT_ADDRESSES else None
    actor = Actor("member", invitation.email, user.pk if user else None, new_id("request"), address)
    with acting_as(actor):
        joined = members.accept(invitation, user, **(form.cleaned_data if form else {}))
    if user is None:
        auth.login(request, joined)


def _page(request: HttpRequest, *, status: int = 200, **context: object) -> HttpResponse:
    return render(request, "accounts/invitation.html", context, status=status)

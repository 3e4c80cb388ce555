"""One's own password: change it, and open the link of the e-mail that lets one choose a new one."""

from __future__ import annotations

from allauth.account.forms import UserTokenForm
from allauth.account.views import INTERNAL_RESET_SESSION_KEY, password_change
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.views.links import posted_token
from accounts.views.pace import paced


@never_cache
@login_required
@paced("password")
def change(request: HttpRequest) -> HttpResponse:
    """The form; whoever signs in by their organisation alone has nothing to change."""
    if isinstance(request.user, User) and not request.user.has_usable_password():
        return redirect("mfa_index")
    response: HttpResponse = password_change(request)
    return response


@sensitive_post_parameters("token")
@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
@paced("reset link")
def open_link(request: HttpRequest) -> HttpResponse:
    """Behind the link of an e-mail: takes the key, and leads to the form for the new password, which says whether it is good."""
    uid, dash, key = posted_token(request).partition("-")
    if not dash or not uid.isalnum() or not uid.isascii():
        return render(request, "accounts/password_link.html", status=400 if request.method == "POST" else 200)
    uid = uid.lower()
    request.session.pop(INTERNAL_RESET_SESSION_KEY, None)
    if UserTokenForm(
        {"uidb36": uid, "key": key}
    ).is_valid():  # A session for whatever strangers post would leave a row behind.
        request.session[INTERNAL_RESET_SESSION_KEY] = key
    return redirect("account_reset_password_from_key", uidb36=uid, key="set-password")

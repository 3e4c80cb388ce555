"""Sign in by e-mail address and password, and sign out.  Second factors and what else follows is django-allauth's."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import sessions
from accounts.cookies import cookie_name, session_cookies
from accounts.middleware import may_be_on
from accounts.models import User
from accounts.views.company import offered
from accounts.views.pace import hashed, refusal, spend
from chatplatform.lib.errors import PlatformError
from tenants import impersonation
from tenants.acting import acting_as
from tenants.panel.scope import actor_of

#: One sentence for every refusal: it must not tell an unknown address from a wrong password or a closed account.
REFUSED = "This address and password do not match. Check both and try again."
#: For whoever knows the password of somebody of the platform, on a domain that is not the platform's.
NOT_HERE = "The platform's staff signs in at the platform's own address, never on the domain of a tenant."


class LoginForm(AuthenticationForm):
    """E-mail address and password."""

    error_messages = {"invalid_login": REFUSED, "inactive": REFUSED}

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if self.request is not None and not may_be_on(self.request.get_host(), user):
            raise ValidationError(NOT_HERE, code="not_here")


@sensitive_post_parameters("password")
@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """The form.  Whoever is signed in already is told so and may go on, instead of being sent in a circle."""
    target = _target(request)
    has_target = target != settings.LOGIN_REDIRECT_URL
    context = {"next": target, "has_target": has_target, "sign_in": offered(request, target)}
    if request.method != "POST":
        form = None if request.user.is_authenticated else LoginForm(request)
        return render(request, "accounts/login.html", {**context, "form": form})
    form = LoginForm(request, data=request.POST)
    try:
        # Not for the account alone: that would let anybody lock anybody out.
        spend(request, "login", account=hashed(request.POST.get("username", "")))
    except PlatformError as error:
        return refusal(request, error, "accounts/login.html", form=LoginForm(request), **context)
    if not form.is_valid():
        return render(request, "accounts/login.html", {**context, "form": form})
    # Asks for the second factor where there is one.  A new session key: one planted before is worth nothing.
    response: HttpResponse = perform_password_login(request, {}, Login(user=form.get_user(), redirect_url=target))
    return response


@never_cache
@csrf_protect
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the login, and every chat session that this browser holds."""
    if request.user.is_authenticated:
        with acting_as(actor_of(request)):
            impersonation.end(request)
    auth.logout(request)
    response = redirect(_target(request, settings.LOGOUT_REDIRECT_URL))
    https = request.is_secure()
    for slug, token in session_cookies(request.COOKIES, https=https).items():
        sessions.revoke(token)
        response.delete_cookie(cookie_name(slug, https=https))
    return response


def _target(request: HttpRequest, otherwise: str = settings.LOGIN_REDIRECT_URL) -> str:
    """Where to go next: what the caller asks for, if it is on this very host."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else otherwise

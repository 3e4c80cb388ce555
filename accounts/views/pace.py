"""How often somebody may try: counted in `tenants.quotas`, for all pages around signing in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.stagekit import unstash_login
from asgiref.sync import async_to_sync
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User
from chatplatform.lib.client_address import client_network
from chatplatform.lib.errors import PlatformError
from tenants import quotas

#: Links that one address is sent, whoever asks: an attempt costs its owner an e-mail.
RESETS = "3/hour"
#: Codes of a second factor for one login in an hour: at what a minute lets through, six digits would be guessed in weeks by whoever
#: knows the password.
CODES = "30/hour"
View = Callable[..., HttpResponse]
Account = tuple[str | int, ...]


def spend(request: HttpRequest, what: str, *account: str | int, rate: str = "") -> None:
    """Count an attempt of this address; with an account, also of all addresses on it, or of this one where it is part of the key.

    Args:
        rate: how often on an account, in the place of `LOGIN_RATE_LIMIT`.

    Raises:
        PlatformError: ``rate_limited``.
    """
    count = async_to_sync(quotas.spend)
    if account:
        count(rate or settings.LOGIN_RATE_LIMIT, what, *account)
        if what == "code":
            count(CODES, what, *account)
    count(settings.LOGIN_ADDRESS_RATE_LIMIT, what, client_network(request.META))


def hashed(account: str) -> str:
    """The key of an account that somebody typed, of any length."""
    return hashlib.sha256(account.strip().lower().encode()).hexdigest()


def refusal(request: HttpRequest, error: PlatformError, template: str = "429.html", **context: Any) -> HttpResponse:
    """A page that says to wait, and for how long."""
    response = render(request, template, {**context, "limited": error.spec}, status=error.status)
    for name, value in error.headers.items():
        response[name] = value
    return response


def paced(what: str, account: Callable[[HttpRequest], Account] | None = None, rate: str = "") -> Callable[[View], View]:
    """Count what is posted to a view: for the login that it is about, wherever it comes from, and for the address.

    Nobody else can use up what a login may do, as one comes to these pages signed in or with the password; but for `asked`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                try:
                    spend(request, what, *(account or _signing_in)(request), rate=rate)
                except PlatformError as error:
                    return refusal(request, error)
            return view(request, *args, **kwargs)

        return wrapped

    return decorate


def asked(request: HttpRequest) -> Account:
    """Whom an e-mail goes to, also where somebody signed in asks for it."""
    return (hashed(request.POST.get("email", "")),)


def _signing_in(request: HttpRequest) -> Account:
    if isinstance(request.user, User):
        return (request.user.pk,)
    pending = unstash_login(request, peek=True)
    return (pending.user.pk,) if pending is not None and pending.user is not None else ()

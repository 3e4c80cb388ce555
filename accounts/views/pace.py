"""Rate limits of the pages around signing in; `tenants.rate_limits` has the rates."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.stagekit import unstash_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User
from chatplatform.lib.client_address import client_network
from chatplatform.lib.errors import PlatformError
from tenants import rate_limits

View = Callable[..., HttpResponse]
#: Keys of `tenants.rate_limits`, with their values.
Keys = dict[str, str | int]


def spend(request: HttpRequest, name: str, **keys: str | int) -> None:
    """Count a request of this address, and by the keys that the caller knows.

    Raises:
        PlatformError: ``rate_limited``.
    """
    rate_limits.spend_sync(name, address=client_network(request.META), **keys)


def hashed(account: str) -> str:
    """The key of an account that somebody typed, of any length."""
    return hashlib.sha256(account.strip().lower().encode()).hexdigest()


def refusal(request: HttpRequest, error: PlatformError, template: str = "429.html", **context: Any) -> HttpResponse:
    """A page that says to wait, and for how long."""
    response = render(request, template, {**context, "limited": error.spec}, status=error.status)
    for name, value in error.headers.items():
        response[name] = value
    return response


def paced(name: str, keys: Callable[[HttpRequest], Keys] | None = None) -> Callable[[View], View]:
    """Count what is posted to a view: for the login that it is about, wherever it comes from, and for the address.

    Nobody else can use up what a login may do, as one comes to these pages signed in or with the password; but for `recipient`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                try:
                    spend(request, name, **(keys or _login)(request))
                except PlatformError as error:
                    return refusal(request, error)
            return view(request, *args, **kwargs)

        return wrapped

    return decorate


def recipient(request: HttpRequest) -> Keys:
    """Whom an e-mail goes to, also where somebody signed in asks for it."""
    return {"recipient": hashed(request.POST.get("email", ""))}


def _login(request: HttpRequest) -> Keys:
    if isinstance(request.user, User):
        return {"account": request.user.pk}
    pending = unstash_login(request, peek=True)
    return {"account": pending.user.pk} if pending is not None and pending.user is not None else {}

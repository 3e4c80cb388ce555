"""A login counts on the host on which somebody signed in, and nowhere else.

Cookies say the same, but only browsers heed it: whoever owns a tenant's domain can point it at a server of their own, be sent the
cookies of all who signed in there, and show them to the platform under any host.  So a login is bound to its host here, and on a
domain that is not the platform's, where they could be shown under that very host, staff is nobody.  A member is there what
`tenants.panel.scope` makes of them on any tenant's own host: a member of that tenant.

A login that a tenant's own provider vouched for is confined to that tenant (`tenants.confinement`); here it is nobody where it has
nothing to do, and when its provider or its membership has ended.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.contrib.auth.models import AnonymousUser
from django.utils.functional import SimpleLazyObject

from tenants import confinement, hosts
from tenants.models import Membership

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

#: The key of Django's session under which the name of the host is kept.
LOGIN_HOST: Final = "login_host"


def bind(request: HttpRequest, **_: Any) -> None:
    """Somebody signed in.  A login that no request made (Django's `Client.force_login`) is bound to no host."""
    confinement.release(request)
    request.session[LOGIN_HOST] = hosts.name_of(request.get_host()) if "SERVER_NAME" in request.META else ""


class LoginOfHostMiddleware:
    """Makes whoever shows a login of another host anonymous.  Asked for when the user is, so that it costs other pages nothing."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        found = request.user
        del request.auser  # It knows nothing of hosts.
        request.user = SimpleLazyObject(lambda: found if _counts(request, found) else AnonymousUser())  # type: ignore[assignment]
        response: HttpResponseBase | Awaitable[HttpResponseBase] = self.get_response(request)
        return response


def _counts(request: HttpRequest, user: AbstractBaseUser | AnonymousUser) -> bool:
    if not user.is_authenticated:
        return False
    host = request.get_host()
    is_here = request.session.get(LOGIN_HOST) in ("", hosts.name_of(host))
    if not is_here or not may_be_on(host, user):
        return False
    return confinement.tenant_of(request) is None or _counts_confined(request, user)


def _counts_confined(request: HttpRequest, user: AbstractBaseUser) -> bool:
    """Two queries."""
    if not confinement.is_of_page(request) or getattr(user, "is_staff", False):
        return False
    sign_in = confinement.sign_in_of(request)
    if sign_in is None or hosts.place_of(request.get_host()).slug not in (None, sign_in.tenant.slug):
        return False
    user.is_confined = True  # type: ignore[attr-defined]  # templates ask
    return Membership.active_in(sign_in.tenant_id).filter(user=user.pk).exists()


def may_be_on(host: str, user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether somebody's login counts on this host at all."""
    return not (getattr(user, "is_staff", False) and hosts.place_of(host).is_foreign)

"""A login that a tenant's own identity provider vouched for counts in that tenant, and nowhere else.

Whoever controls such a provider can be anybody there.  So a login of this kind is confined: in other tenants, among the platform's
staff and for what belongs to a person (password, second factor, address, invitations) it is nobody.  Django's session says to which
tenant it belongs, and to which generation of its provider.  `accounts.middleware` asks with each request, and lets such a login be
somebody on the pages of `PAGES` alone: a page that nobody thought of is closed to it.

The other way round a tenant may require such a login of its members: then what they signed in to by password does not count there.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from chatplatform.lib.errors import PlatformError
from tenants.models import Membership, SignIn, Tenant
from tenants.scope import cross_tenant

if TYPE_CHECKING:
    from django.http import HttpRequest  # noqa: TID251 - whose session it is

#: The key of Django's session: tenant, generation of its provider, and when that vouched for the login.
_KEY: Final = "sign_in"
#: Seconds after which the provider is asked again: by then whoever left the organisation is out.
LONGEST: Final = 12 * 60 * 60
#: Names of the addresses, beside the admin panel, where a confined login is somebody.
PAGES: Final = frozenset({"home", "chat", "document", "chatkit_session", "chatkit_refresh", "account_login"})


def confine(request: HttpRequest, sign_in: SignIn) -> None:
    """The login of this session counts in the provider's tenant alone."""
    request.session.set_expiry(LONGEST)
    # Whatever a page keeps in a session makes it last anew.
    request.session[_KEY] = [sign_in.tenant_id, str(sign_in.generation), time.time()]


def release(request: HttpRequest) -> None:
    """Whoever signed in proved to the platform itself who they are."""
    if request.session.pop(_KEY, None) is not None:
        request.session.set_expiry(None)


def tenant_of(request: HttpRequest) -> int | None:
    """To which tenant the login of a request is confined."""
    kept = request.session.get(_KEY)
    return kept[0] if kept else None


def sign_in_of(request: HttpRequest) -> SignIn | None:
    """The provider that vouched for the login of a request, while that counts.  One query for a confined login, else none."""
    kept = request.session.get(_KEY)
    if not kept or time.time() - kept[2] > LONGEST:
        return None
    rows = SignIn.objects.for_tenant(kept[0]).filter(is_enabled=True, generation=kept[1])
    return rows.filter(tenant__status=Tenant.Status.ACTIVE).select_related("tenant").first()


def vouching(request: HttpRequest) -> SignIn | None:
    """The provider to which what a login opens has to be bound; None for a login of the platform's own.

    Raises:
        PlatformError: ``login_required``, when the provider has ended meanwhile.
    """
    found = sign_in_of(request)
    if found is None and tenant_of(request) is not None:
        raise PlatformError("login_required")
    return found


def is_of_page(request: HttpRequest) -> bool:
    """Whether a confined login is somebody on the page that was asked for."""
    match = request.resolver_match
    return match is not None and ("admin" in match.app_names or match.url_name in PAGES)


def memberships(request: HttpRequest, user_id: int) -> list[Membership]:
    """Where somebody who is signed in is a member as far as this login goes.  At most two queries."""
    own, confined = Membership.of_login(user_id), tenant_of(request)
    if confined is not None:
        return [one for one in own if one.tenant_id == confined]
    closed = _requiring([one.tenant_id for one in own if one.role != Membership.Role.OWNER])
    return [one for one in own if one.role == Membership.Role.OWNER or one.tenant_id not in closed]


def counts_in(request: HttpRequest, user_id: int, tenant: Tenant) -> bool:
    """Whether the login of a request may be somebody in a tenant.  At most two queries, where a tenant requires its provider."""
    confined = tenant_of(request)
    if confined is not None or not _requiring([tenant.pk]):
        return confined in (None, tenant.pk)
    return Membership.active_in(tenant).filter(user=user_id, role=Membership.Role.OWNER).exists()


def _requiring(tenants: list[int]) -> set[int]:
    if not tenants:
        return set()
    with cross_tenant("which tenants of a login ask for their own provider"):
        rows = SignIn.objects.filter(tenant_id__in=tenants, is_enabled=True, is_required=True)
        return set(rows.values_list("tenant_id", flat=True))

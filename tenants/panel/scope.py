"""For whom, and in which tenant, a request to the admin panel works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.http import HttpRequest

from chatplatform.lib.client_address import client_address
from chatplatform.lib.ids import new_id
from tenants import confinement, impersonation
from tenants.acting import Actor, Kind, acting_as
from tenants.hosts import tenant_slug_of_host
from tenants.managers import TenantManager
from tenants.models import Impersonation, Membership, Tenant
from tenants.permissions import Action, Role, may
from tenants.scope import cross_tenant, tenant_scope

#: The key of Django's session under which the tenant that somebody chose is kept.
CHOSEN: Final = "admin_tenant"
_SCOPE: Final = "tenants.panel.scope"


@dataclass(frozen=True)
class AdminScope:
    """Who works in the admin panel, and on what.

    ``tenant`` is None for staff that looks at all tenants, and for members of several who have to choose first.  ``role`` is None
    for whoever has nothing to do here (yet).  ``is_fixed``: there is nothing to choose, since the host decides, or the
    member as whom somebody of the platform acts.
    """

    user: AbstractBaseUser
    role: Role | None
    tenant: Tenant | None
    is_fixed: bool
    memberships: tuple[Membership, ...] = ()
    impersonation: Impersonation | None = None
    request_id: str = ""
    address: str | None = None

    @property
    def is_staff(self) -> bool:
        return self.role in (Role.STAFF, Role.SUPERUSER)

    @property
    def is_reading(self) -> bool:
        """Whether nothing may be changed, whatever the role says."""
        return self.impersonation is not None and not self.impersonation.may_write

    @property
    def can_choose(self) -> bool:
        return not self.is_fixed and (self.is_staff or len(self.memberships) > 1)

    @property
    def must_choose(self) -> bool:
        return self.role is None and self.can_choose

    def may(self, action: Action | None) -> bool:
        """Whether the person may do it here; None is what nobody may."""
        return action is not None and self.role is not None and may(self.role, action)

    def rows(self, model: type[models.Model]) -> models.QuerySet[Any]:
        """The rows of a tenant-owned model that are in reach: those of the tenant, or for staff without one those of all.

        A model that is not for every role says so with ``readable_by(role)``, a condition on its rows.

        Raises:
            TypeError: the model belongs to no tenant; its page has to say itself which rows it shows.
        """
        manager = model._default_manager
        if not isinstance(manager, TenantManager):
            raise TypeError(f"{model._meta.label} belongs to no tenant.")
        if self.role is None or (self.tenant is None and not self.is_staff):
            return manager.for_tenant(0).none()
        rows: models.QuerySet[Any] = manager.for_tenant(self.tenant) if self.tenant is not None else manager.all()
        readable_by = getattr(model, "readable_by", None)
        return rows if readable_by is None else rows.filter(readable_by(self.role))

    @contextmanager
    def entered(self) -> Iterator[None]:
        """The net under the panel's explicit scopes, what lets staff see all tenants at once, and whom the audit trail names."""
        with ExitStack() as stack:
            stack.enter_context(acting_as(self.actor))
            if self.tenant is not None:
                stack.enter_context(tenant_scope(self.tenant))
            elif self.is_staff:
                stack.enter_context(cross_tenant("the admin panel, for staff that chose no tenant"))
            yield

    @property
    def actor(self) -> Actor:
        """Whom the audit trail names."""
        kind: Kind = "staff" if self.is_staff or self.impersonation else "member"
        name = self.user.get_username()
        if self.impersonation is not None:
            name = f"{name} as {self.impersonation.member.get_username()}"
        return Actor(kind, name, self.user.pk, self.request_id, self.address)


def scope_of(request: HttpRequest) -> AdminScope:
    """The scope of a request by somebody who is signed in; worked out once for each request, with at most three queries."""
    scope: AdminScope | None = request.META.get(_SCOPE)
    if scope is None:
        scope = request.META[_SCOPE] = replace(
            _work_out(request),
            request_id=new_id("request"),
            address=client_address(request.META) if settings.AUDIT_ADDRESSES else None,
        )
    return scope


def actor_of(request: HttpRequest) -> Actor:
    """Whom the audit trail names for what somebody who is signed in does outside the panel."""
    return scope_of(request).actor


def narrow(request: HttpRequest, tenant: Tenant) -> AdminScope:
    """From here on, the request of staff works in this tenant only: that of the row that was opened."""
    scope = request.META[_SCOPE] = replace(scope_of(request), tenant=tenant)
    return scope


def _work_out(request: HttpRequest) -> AdminScope:
    user = request.user
    if not isinstance(user, AbstractBaseUser) or not user.is_active:
        raise TypeError("The admin panel has a scope for people who are signed in only.")
    host_slug = tenant_slug_of_host(request.get_host())
    chosen = request.session.get(CHOSEN)
    if (acting := impersonation.current(request)) is not None:
        return _as_member(user, acting, host_slug)
    if getattr(user, "is_staff", False):
        role = Role.SUPERUSER if getattr(user, "is_superuser", False) else Role.STAFF
        wanted = Tenant.objects.filter(**{"slug": host_slug} if host_slug else {"pk": chosen}).first()
        return AdminScope(user, role, wanted, is_fixed=host_slug is not None)
    memberships = confinement.memberships(request, user.pk)
    if host_slug is not None:
        memberships = [one for one in memberships if one.tenant.slug == host_slug]
    current = [one for one in memberships if len(memberships) == 1 or one.tenant_id == chosen]
    return AdminScope(
        user,
        role=Role(current[0].role) if current else None,
        tenant=current[0].tenant if current else None,
        is_fixed=host_slug is not None or confinement.tenant_of(request) is not None,
        memberships=tuple(memberships),
    )


def _as_member(user: AbstractBaseUser, acting: Impersonation, host_slug: str | None) -> AdminScope:
    """In the member's tenant and role, while they have one."""
    found = Membership.active_in(acting.tenant_id).filter(user=acting.member_id).first()
    is_here = found is not None and host_slug in (None, acting.tenant.slug)
    return AdminScope(
        user,
        role=Role(found.role) if found is not None and is_here else None,
        tenant=acting.tenant if is_here else None,
        is_fixed=True,
        impersonation=acting,
    )

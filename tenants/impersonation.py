"""Verbs on impersonations: start one, find that of a request, end it.  Both audit trails have the start and the end.

The session of Django's that started one carries it, so that it ends with a logout, too.  What may be done meanwhile is what the
member's role may; without `may_write` nothing but reading, in the admin panel (`tenants.panel.site`) as in the chat's API.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from tenants import confinement
from tenants.models import AuditEvent, Impersonation, Membership, PlatformEvent, Tenant
from tenants.scope import cross_tenant, tenant_scope

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest  # noqa: TID251 - whose session it is

#: The key of Django's session: tenant and row.
_KEY: Final = "impersonation"
#: The key of ``request.META`` under which the answer is kept for the rest of a request.
_FOUND: Final = "tenants.impersonation"


def start(
    request: HttpRequest, member: Membership, reason: str, *, staff: AbstractBaseUser, may_write: bool
) -> Impersonation:
    """Act as a member from the next request on.

    The caller has asked `tenants.permissions`; who impersonates has a member's role, so that one cannot start within another.

    Raises:
        ValidationError: without a reason, as oneself, or as somebody of the platform.
    """
    reason = reason.strip()[:300]
    if not reason:
        raise ValidationError("Say why: the tenant's people read it in their audit trail.")
    if member.user.is_staff or not member.user.is_active:
        raise ValidationError("Nobody acts as somebody of the platform, or as whose login is closed.")
    with transaction.atomic(), tenant_scope(member.tenant_id):
        made = Impersonation.objects.create(
            tenant_id=member.tenant_id,
            staff_id=staff.pk,
            member=member.user,
            reason=reason,
            may_write=may_write,
            expires_at=timezone.now() + timedelta(minutes=settings.IMPERSONATION_MINUTES),
        )
        _record(made, "impersonation.start")
    request.session[_KEY] = [member.tenant_id, made.pk]
    return made


def current(request: HttpRequest) -> Impersonation | None:
    """That of a request, with tenant, staff and member, while it lasts.  One query in a session that has one, else none.

    One that has run out is ended by the first request that comes with it.
    """
    if _FOUND not in request.META:
        request.META[_FOUND] = _find(request)
    found: Impersonation | None = request.META[_FOUND]
    return found


def speaker(request: HttpRequest, tenant: Tenant) -> tuple[AbstractBaseUser | AnonymousUser, Impersonation | None]:
    """Whose login counts in a tenant: one's own, as far as it goes, or the member's as whom one acts, who is nobody elsewhere."""
    acting = current(request)
    if acting is None:
        user = request.user
        counts = user.pk is None or confinement.counts_in(request, user.pk, tenant)
        return (user if counts else AnonymousUser()), None
    return (acting.member, acting) if acting.tenant_id == tenant.pk else (AnonymousUser(), None)


def end(request: HttpRequest) -> Impersonation | None:
    """End that of a request, and return it; none where there is none."""
    found = current(request)
    request.session.pop(_KEY, None)
    request.META[_FOUND] = None
    if found is not None:
        _end(found)
    return found


def end_all_of(staff: AbstractBaseUser) -> None:
    """End whatever somebody of the platform has open, in every browser."""
    with cross_tenant("impersonations of a login end in every tenant"):
        rows = Impersonation.objects.filter(staff_id=staff.pk, ended_at=None)
        found = list(rows.select_related("tenant", "staff", "member"))
    for one in found:
        _end(one)


def _find(request: HttpRequest) -> Impersonation | None:
    kept = request.session.get(_KEY)
    if kept is None or not request.user.is_authenticated:
        return None
    tenant_id, pk = kept
    rows = Impersonation.objects.for_tenant(tenant_id).select_related("tenant", "staff", "member")
    found = rows.filter(pk=pk, staff_id=request.user.pk, staff__is_staff=True).first()
    if found is None or found.is_over:
        request.session.pop(_KEY, None)
        if found is not None:
            _end(found)
        return None
    return found


def _end(one: Impersonation) -> None:
    with transaction.atomic(), tenant_scope(one.tenant_id):
        # A conditional update: of two tabs, one ends it and writes it down.
        open_one = Impersonation.objects.for_tenant(one.tenant_id).filter(pk=one.pk, ended_at=None)
        if open_one.update(ended_at=min(one.expires_at, timezone.now())):
            _record(one, "impersonation.end")


def _record(one: Impersonation, action: str) -> None:
    after = {"member": one.member_id, "may_write": one.may_write, "until": one.expires_at}
    AuditEvent.record(one.tenant_id, action, one, after=after, reason=one.reason)
    PlatformEvent.record(action, one, after={**after, "tenant": one.tenant.slug}, reason=one.reason)

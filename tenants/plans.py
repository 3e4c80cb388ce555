"""What a tenant's plan says of people and assistants; on answers and files it is `chat.stores.budget` that asks."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils import timezone

from tenants.models import Assistant, Invitation, Membership, Quota, Tenant


def count_members(tenant: Tenant | int) -> int:
    """Members, and those who were invited and may still come.  Two queries."""
    key = tenant.pk if isinstance(tenant, Tenant) else tenant
    invited = Invitation.open_in(key).filter(expires_at__gt=timezone.now())
    return Membership.objects.for_tenant(key).count() + invited.count()


def count_assistants(tenant: Tenant | int) -> int:
    """One query."""
    return Assistant.objects.for_tenant(tenant).count()


def check_members(tenant: Tenant) -> None:
    """Raises: ValidationError: there is no room for one more."""
    most = _limits(tenant).members
    if most is not None and count_members(tenant) >= most:
        raise ValidationError(f"The plan of {tenant} allows {most} members, open invitations included.")


def check_assistants(tenant: Tenant) -> None:
    """Within the transaction that makes one more: of two at once, the second counts the first.

    Raises:
        ValidationError: there is no room for it.
    """
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    most = _limits(tenant).assistants
    if most is not None and count_assistants(tenant) >= most:
        raise ValidationError(f"The plan of {tenant} allows {most} assistants.")


def _limits(tenant: Tenant) -> Quota:
    return Quota.objects.for_tenant(tenant).first() or Quota(tenant=tenant)

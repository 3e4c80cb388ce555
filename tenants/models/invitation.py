"""Invitation: somebody is asked by e-mail to become a member."""

from __future__ import annotations

import hashlib
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from tenants.constraints import tenant_key
from tenants.managers import TenantManager, TenantQuerySet
from tenants.models.membership import Membership
from tenants.models.tenant import Tenant
from tenants.scope import cross_tenant


class Invitation(models.Model):
    """One link, sent to one address, good once and for a while.  The link itself is nowhere but in the e-mail."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    email = models.EmailField("E-mail address")
    role = models.CharField(max_length=12, choices=Membership.Role, default=Membership.Role.VIEWER)
    # Serves: the invitation that a link names.
    token_hash = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField("sent", auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("invitation_tenant_key"),
            # Serves: replacing the open invitation of an address.
            models.UniqueConstraint(
                fields=["tenant", "email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once",
            ),
            models.CheckConstraint(condition=models.Q(role__in=Membership.Role.values), name="invitation_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"

    @property
    def state(self) -> str:
        """In a word, for people."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "open" if self.expires_at > timezone.now() else "expired"

    @classmethod
    def open_in(cls, tenant_id: int) -> TenantQuerySet[Self]:
        """Those that were neither accepted nor revoked; they may have expired."""
        return cls.objects.for_tenant(tenant_id).filter(accepted_at=None, revoked_at=None)

    @classmethod
    def of_hash(cls, token_hash: bytes) -> Self | None:
        """The invitation that a link names, with its tenant, while it is good.  One query."""
        with cross_tenant("an invitation's link says which tenant it is for"):
            return (
                cls.objects.filter(
                    token_hash=token_hash,
                    accepted_at=None,
                    revoked_at=None,
                    expires_at__gt=timezone.now(),
                    tenant__status=Tenant.Status.ACTIVE,
                )
                .select_related("tenant")
                .first()
            )


def hash_of(token: str) -> bytes:
    """What is stored of a token, whatever somebody sent in its place."""
    return hashlib.sha256(token.encode()).digest()

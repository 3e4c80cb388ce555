"""Membership: a person's role in a tenant."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from tenants.managers import TenantManager, TenantQuerySet
from tenants.models.tenant import Tenant
from tenants.scope import cross_tenant


class Membership(models.Model):
    """What a Django user may do in a tenant; at most one row for each pair."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        ADMIN = "admin", "Admin"
        OPERATOR = "operator", "Operator"
        VIEWER = "viewer", "Viewer"

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    role = models.CharField(max_length=12, choices=Role)
    suspended_at = models.DateTimeField(
        "suspended since", null=True, blank=True, help_text="Since then this person is nobody here."
    )
    created_at = models.DateTimeField("member since", auto_now_add=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        verbose_name = "member"
        constraints = [
            # Serves: "is this login a member of this tenant" on every chat session check.
            models.UniqueConstraint(fields=["tenant", "user"], name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=["owner", "admin", "operator", "viewer"]), name="membership_role_known"
            ),
        ]

    def __str__(self) -> str:
        """As people and the audit trail call it.  A query, where the user was not read with it."""
        return f"{self.user}, {self.role}"

    @classmethod
    def active_in(cls, tenant: Tenant | int) -> TenantQuerySet[Self]:
        """Those of a tenant who are not suspended; their logins may be closed."""
        return cls.objects.for_tenant(tenant).filter(suspended_at=None)

    @classmethod
    def of_login(cls, user_id: int) -> list[Self]:
        """Where a login is a member, with the tenants, by their names; what is suspended is left out.  One query."""
        with cross_tenant("the tenants of a login"):
            own = cls.objects.filter(user_id=user_id, suspended_at=None, tenant__status=Tenant.Status.ACTIVE)
            return list(own.select_related("tenant").order_by("tenant__name", "tenant_id"))

"""Impersonation: somebody of the platform looks at a tenant as one of its members does."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from tenants.constraints import tenant_key
from tenants.managers import TenantManager
from tenants.models.tenant import Tenant


class Impersonation(models.Model):
    """From a reason to an end.  Whoever acts keeps their own login; the member's lends the role and the conversations."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    # Who acts, and as whom.
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=300)
    may_write = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [tenant_key("impersonation_tenant_key")]

    def __str__(self) -> str:
        return f"{self.staff} as {self.member}"

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None or self.expires_at <= timezone.now()

"""Domain: a host name that belongs to a tenant."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Lower

from tenants.managers import TenantManager
from tenants.models.tenant import Tenant


class Domain(models.Model):
    """A host on which the tenant's pages are served, and from whose origin its chat may be called."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    host = models.CharField(max_length=253, help_text="Lower case, without scheme and port.")
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            # Serves: tenant of a request by its Host header (tenants.hosts.tenant_of_host).
            models.UniqueConstraint(Lower("host"), name="domain_host_unique"),
            models.UniqueConstraint(fields=["tenant"], condition=models.Q(is_primary=True), name="domain_one_primary"),
        ]

    def __str__(self) -> str:
        return self.host

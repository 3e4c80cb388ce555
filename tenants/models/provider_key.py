"""ProviderKey: a tenant's own account at a model provider."""

from __future__ import annotations

from typing import ClassVar, Self

from django.core.validators import URLValidator
from django.db import models

from tenants.constraints import tenant_key
from tenants.managers import TenantManager
from tenants.models.assistant import AssistantVersion
from tenants.models.audit_event import AuditEvent
from tenants.models.kept_secret import KeptSecret
from tenants.models.tenant import Tenant


class ProviderKey(KeptSecret):
    """The key, and maybe the address, with which a tenant's assistants ask a provider, instead of the installation's.

    A key is never shown again once it is stored.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    audited: ClassVar[frozenset[str]] = frozenset({"last_four", "base_url"})
    provider = models.CharField(max_length=24, choices=AssistantVersion.Provider)
    base_url = models.CharField(
        "address",
        max_length=300,
        blank=True,
        validators=[URLValidator(schemes=["https", "http"])],
        help_text="Where the tenant reaches the provider; empty: where the installation does.",
    )
    updated_at = models.DateTimeField("last change", auto_now=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            tenant_key("providerkey_tenant_key"),
            # Serves: the key for a run's provider.
            models.UniqueConstraint(fields=["tenant", "provider"], name="providerkey_one_per_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} …{self.last_four}"

    @classmethod
    def store(cls, tenant_id: int, provider: str, secret: str, base_url: str = "") -> ProviderKey:
        """Encrypt and keep a key; an earlier one for this provider is gone."""
        given = cls(tenant_id=tenant_id, base_url=base_url)
        given.set_secret(secret)
        values = {name: getattr(given, name) for name in ("secret", "base_url", "last_four")}
        key, _ = cls.objects.for_tenant(tenant_id).update_or_create(
            tenant_id=tenant_id, provider=provider, defaults=values
        )
        AuditEvent.record(tenant_id, "providerkey.store", key, after=values)
        return key

"""DataKey: what a tenant's secrets are encrypted with."""

from __future__ import annotations

from typing import ClassVar, Self

from cryptography.fernet import Fernet
from django.db import models

from tenants import crypto
from tenants.managers import TenantManager
from tenants.models.tenant import Tenant


class DataKey(models.Model):
    """A tenant's own key, itself encrypted under one of the installation's.  Deleting it destroys every secret of the tenant."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="+")
    wrapped = models.TextField(help_text="The key, encrypted.")
    key_id = models.CharField(max_length=40, help_text="Which of ENCRYPTION_KEYS opens it.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    def __str__(self) -> str:
        return f"data key of {self.tenant_id}"

    def can_be_opened(self) -> bool:
        """Whether a key of the installation opens it."""
        try:
            crypto.open_data_key(self.wrapped)
        except crypto.UnreadableSecretError:
            return False
        return True

    def rewrap(self) -> None:
        """Encrypt it under the installation's newest key.

        Raises:
            UnreadableSecretError: no key of the installation opens it.
        """
        self.wrapped, self.key_id = crypto.rewrap(self.wrapped)
        self.save(update_fields=["wrapped", "key_id"])

    @classmethod
    def of(cls, tenant_id: int) -> Fernet:
        """The key of a tenant that stores a secret; made when it stores its first one.  At most three queries."""
        found = cls.objects.for_tenant(tenant_id).first()
        if found is None:
            wrapped, key_id = crypto.new_data_key()
            # Where another process was faster, its key is the one that counts.
            cls.objects.bulk_create([cls(tenant_id=tenant_id, wrapped=wrapped, key_id=key_id)], ignore_conflicts=True)
            found = cls.objects.for_tenant(tenant_id).get()
        return crypto.open_data_key(found.wrapped)

    @classmethod
    def opened(cls, tenant_id: int) -> Fernet:
        """The key of a tenant whose secret is read.  One query.

        Raises:
            UnreadableSecretError: it was deleted, or the installation's key is gone.
        """
        found = cls.objects.for_tenant(tenant_id).first()
        if found is None:
            raise crypto.UnreadableSecretError
        return crypto.open_data_key(found.wrapped)

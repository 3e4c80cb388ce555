"""KeptSecret: what a tenant typed in once, kept under its data key and never shown."""

from __future__ import annotations

from django.db import models

from tenants import crypto
from tenants.models.audit_event import AuditEvent
from tenants.models.data_key import DataKey


class KeptSecret(models.Model):
    """A row of a tenant with a secret in it; to read it is written into the audit trail."""

    secret = models.TextField(help_text="Encrypted under the tenant's data key.")
    last_four = models.CharField(max_length=4, help_text="All that people see of it.")

    tenant_id: int

    class Meta:
        abstract = True

    def set_secret(self, secret: str) -> None:
        """Encrypt and set it; `save()` stores it."""
        self.secret = crypto.seal(DataKey.of(self.tenant_id), secret)
        # Of a short one, four characters would be too much.
        self.last_four = secret[-4:] if len(secret) >= 16 else ""

    def reveal(self, reason: str) -> str:
        """The secret itself; ``reason`` goes to the audit trail.  Two queries.

        Raises:
            UnreadableSecretError: the tenant's data key was deleted, or the installation's key is gone.
        """
        secret = crypto.unseal(DataKey.opened(self.tenant_id), self.secret)
        AuditEvent.record(self.tenant_id, f"{self._meta.model_name}.decrypt", self, reason=reason)
        return secret

"""Domain: a host name that belongs to a tenant."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

from tenants.managers import TenantManager
from tenants.models.tenant import Tenant

MOST_DOMAINS = 20
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"\A(?:{_LABEL}\.)+(?!\d+\Z){_LABEL}\Z")


def check_host(value: str) -> None:
    """A name that a tenant may own: neither an address of a machine, nor one of the platform's own names."""
    if _HOST.fullmatch(value) is None:
        raise ValidationError("Use a name as chat.example.com, in small letters, without scheme and port.")
    own = [*settings.SHARED_HOSTS, *([f".{settings.TENANT_BASE_HOST}"] if settings.TENANT_BASE_HOST else [])]
    if any(value == name.lstrip(".") or (name.startswith(".") and value.endswith(name)) for name in own):
        raise ValidationError("This name belongs to the platform.")


def new_token() -> str:
    return secrets.token_urlsafe(24)


class Domain(models.Model):
    """A host on which the tenant's pages are served, and from whose origin its chat may be called, once it is verified."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    audited: ClassVar[frozenset[str]] = frozenset({"host"})
    host = models.CharField(max_length=253, help_text="Without scheme and port, as chat.example.com.")
    is_primary = models.BooleanField(
        "primary",
        default=False,
        editable=False,
        help_text="Links to the tenant's chat, and the lines that embed it, name this host.",
    )
    token = models.CharField(max_length=64, default=new_token, editable=False)
    verified_at = models.DateTimeField("verified", null=True, blank=True, editable=False)
    # Of its record: a name may change hands, and then its new owner does not say that it is this tenant's.  One that was never seen
    # (staff added the host) may stay away.
    record_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    record_missing_since = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField("added", auto_now_add=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            # Serves: tenant of a request by its Host header (tenants.hosts). Whoever only claims a name keeps nobody from it.
            models.UniqueConstraint(
                Lower("host"), condition=models.Q(verified_at__isnull=False), name="domain_verified_once"
            ),
            models.UniqueConstraint(fields=["tenant", "host"], name="domain_of_tenant_once"),
            models.UniqueConstraint(fields=["tenant"], condition=models.Q(is_primary=True), name="domain_one_primary"),
            models.CheckConstraint(
                condition=models.Q(is_primary=False) | models.Q(verified_at__isnull=False), name="domain_primary_serves"
            ),
        ]

    def __str__(self) -> str:
        return self.host

    @property
    def ends_at(self) -> datetime | None:
        """When it stops to serve, or stopped, unless its record came back."""
        if self.record_missing_since is None:
            return None
        return self.record_missing_since + timedelta(days=settings.DOMAIN_GRACE_DAYS)

    @property
    def record_name(self) -> str:
        """Where the owner of the name puts `record_text`, as a TXT record."""
        return f"_chatplatform.{self.host}"

    @property
    def record_text(self) -> str:
        return f"chatplatform={self.token}"

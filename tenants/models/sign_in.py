"""SignIn: the identity provider by which a tenant's people sign in."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from chatplatform.lib.outbound import is_guarded
from tenants.constraints import tenant_key
from tenants.managers import TenantManager
from tenants.models.kept_secret import KeptSecret
from tenants.models.tenant import Tenant

MOST_DOMAINS = 20
check_domain = RegexValidator(
    r"\A[a-z0-9-]+(\.[a-z0-9-]+)+\Z", "Use what follows the @, as example.com, in small letters."
)


def check_issuer(value: str) -> None:
    """An address that nobody on the way can answer in the provider's place."""
    if not is_guarded(value) or "?" in value or "#" in value:
        raise ValidationError(
            "Use the https address of the provider, without '?' and '#'; http is for hosts in OUTBOUND_ALLOWED_HOSTS."
        )


class SignIn(KeptSecret):
    """An OpenID Connect provider of the tenant's own; at most one for each tenant.

    Whoever controls it can be anybody in this tenant, so that what it says counts in no other (`tenants.confinement`).
    A login that it vouched for ends with its ``generation``.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, db_index=False, related_name="+")
    audited: ClassVar[frozenset[str]] = frozenset({"last_four", "name", "issuer", "client_id", "allowed_domains"})
    name = models.CharField(max_length=60, help_text="What the button says: “Sign in with …”.")
    issuer = models.CharField(
        max_length=300,
        validators=[check_issuer],
        help_text="Exactly as the provider writes it, as https://login.example.com/realms/staff.",
    )
    client_id = models.CharField("client ID", max_length=255)
    allowed_domains = ArrayField(
        models.CharField(max_length=253, validators=[check_domain]),
        size=MOST_DOMAINS,
        default=list,
        blank=True,
    )
    creates_members = models.BooleanField(
        "new people become viewers",
        default=False,
        help_text="Who has an address of these domains, and no account here yet, needs no invitation.",
    )
    is_required = models.BooleanField(
        "members must sign in this way",
        default=False,
        help_text="Passwords open this tenant to its owners alone, who can so repair what is wrong here.",
    )
    is_enabled = models.BooleanField(default=False, help_text="Off: who came in this way is signed out at once.")
    generation = models.UUIDField(default=uuid.uuid4, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        verbose_name = "company sign-in"
        verbose_name_plural = "company sign-in"
        constraints = [
            tenant_key("signin_tenant_key"),
            # Serves: the provider of a tenant, on its login page and on every check of a member's chat session.
            models.UniqueConstraint(fields=["tenant"], name="signin_one_per_tenant"),
            models.CheckConstraint(
                condition=models.Q(creates_members=False) | ~models.Q(allowed_domains=[]),
                name="signin_creates_in_domains",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, tenant: Tenant | int) -> Self | None:
        """That of a tenant, while it is switched on, with the tenant.  One query."""
        return cls.objects.for_tenant(tenant).filter(is_enabled=True).select_related("tenant").first()

    def clean(self) -> None:
        """Raises: ValidationError: people would be made members whatever their address."""
        if self.creates_members and not self.allowed_domains:
            raise ValidationError({"allowed_domains": "Name the domains whose people become viewers."})

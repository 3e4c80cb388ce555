"""Tenant: a customer organisation."""

from __future__ import annotations

import re
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models

SLUG = re.compile(r"\A[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z")
slug_validator = RegexValidator(SLUG.pattern, "Use a-z, 0-9 and '-', at most 40 characters.")


class Tenant(models.Model):
    """A customer organisation: the owner of assistants, end users and conversations, and the unit of isolation."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"

    class Access(models.TextChoices):
        ANONYMOUS = "anonymous", "Anybody may chat"
        MEMBERS = "members", "Only signed-in members may chat"

    audited: ClassVar[frozenset[str]] = frozenset({"slug", "name"})
    slug = models.CharField("short name", max_length=40, unique=True, validators=[slug_validator])
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    access = models.CharField(max_length=12, choices=Access, default=Access.MEMBERS)
    created_at = models.DateTimeField("created", auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=["active", "suspended"]), name="tenant_status_known"),
            models.CheckConstraint(condition=models.Q(access__in=["anonymous", "members"]), name="tenant_access_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE

"""People of every role, and their browsers at the admin panel."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts.models import User
from tenants.models import Membership, Tenant
from tenants.permissions import Role

#: What the form of an HTTP tool is sent.
TOOL: dict[str, Any] = {
    "name": "orders",
    "description": "Orders.",
    "method": "GET",
    "url_template": "https://x.example/",
    "parameters": "{}",
}


def person(role: Role, tenant: Tenant) -> User:
    """Somebody who is that in ``tenant``, or in the platform."""
    user = User.objects.create_user(
        f"{role}@{tenant.slug}.example",
        name=f"{role} of {tenant.slug}",
        is_staff=role in (Role.STAFF, Role.SUPERUSER),
        is_superuser=role is Role.SUPERUSER,
    )
    if role in Membership.Role.values:
        Membership.objects.create(tenant=tenant, user=user, role=role)
    return user


def signed_in(user: User, tenant: Tenant | None = None) -> Client:
    """A browser of that person, who has chosen ``tenant`` to work in."""
    client = Client()
    client.force_login(user)
    if tenant is not None:
        choose(client, tenant)
    return client


def choose(client: Client, tenant: Tenant | None) -> None:
    """404 for whoever has no choice."""
    client.post("/admin/tenant/", {"tenant": tenant.slug if tenant else ""})

"""The admin panel is for platform staff: no member of a tenant sees any of it."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLResolver, get_resolver

from accounts.models import User
from tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db


def addresses(resolver: URLResolver, prefix: str = "") -> set[str]:
    """Every address of the admin, with something in the place of its arguments."""
    found: set[str] = set()
    for entry in resolver.url_patterns:
        pattern = str(entry.pattern)
        if isinstance(entry, URLResolver):
            found |= addresses(entry, prefix + pattern)
        elif not pattern.startswith("^") and not pattern.startswith("(?"):
            parts = [("1" if part.startswith("<") else part) for part in (prefix + pattern).split("/")]
            found.add("/" + "/".join(parts))
    return {path for path in found if path.startswith("/admin/")}


@pytest.fixture
def owner() -> User:
    """Of a tenant, which is the most that somebody outside the platform can be."""
    tenant = Tenant.objects.create(slug="acme", name="Acme")
    user = get_user_model()._default_manager.create_user("alice@acme.example")
    Membership.objects.create(tenant=tenant, user=user, role=Membership.Role.OWNER)
    return user


def test_the_admin_was_found() -> None:
    assert len(addresses(get_resolver())) > 8
    assert "/admin/auth/group/1/change/" in addresses(get_resolver())


@pytest.mark.parametrize("path", sorted(addresses(get_resolver())))
def test_nobody_but_staff_sees_it(client: Client, owner: User, path: str) -> None:
    for _ in ("nobody", "the owner of a tenant"):
        response = client.get(path)
        assert response.status_code in (302, 403, 404, 405), path
        assert response.status_code != 302 or "/login/" in response["Location"] or path == "/admin/logout/"
        client.force_login(owner)

"""The permission matrix, cell by cell, over HTTP."""

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from tenants.models import AuditEvent, Membership, Tenant
from tenants.permissions import PERMISSIONS, Action, Role
from tests.isolation.permissions import PROBES
from tests.support.panel import person, signed_in
from tests.support.repository import table_of


@pytest.fixture
def acme(db: None) -> Tenant:
    User.objects.create_user("somebody@platform.example")
    return Tenant.objects.create(slug="acme", name="Acme")


def test_every_action_is_probed_and_granted() -> None:
    assert PROBES.keys() == PERMISSIONS.keys() == set(Action)


def test_every_role_of_a_member_is_in_the_table() -> None:
    assert set(Membership.Role.values) | {Role.STAFF, Role.SUPERUSER} == set(Role)


def test_the_documentation_shows_the_table() -> None:
    rows = table_of("docs/reference/permissions.md")
    shown = {action: [cell == "yes" for cell in cells[:-1]] for action, cells in rows.items()}
    assert shown == {action: [role in roles for role in Role] for action, roles in PERMISSIONS.items()}


def ask(action: Action, client: Client, tenant: Tenant) -> tuple[int, bytes, str]:
    """Status, body and where it leads; what was done is undone."""
    with transaction.atomic():
        response = PROBES[action].ask(client, tenant)
        content = response.getvalue()
        transaction.set_rollback(True)
    return response.status_code, content, response.headers.get("Location", "")


@pytest.mark.parametrize("action", Action)
def test_the_cells_of_an_action(acme: Tenant, action: Action) -> None:
    probe, answers = PROBES[action], {}
    for role in Role:
        with transaction.atomic():
            answers[role], _, _ = ask(action, signed_in(person(role, acme), None if probe.in_all else acme), acme)
            transaction.set_rollback(True)
    assert answers == {role: probe.status if role in PERMISSIONS[action] else 403 for role in Role}


@pytest.mark.parametrize("action", Action)
def test_nobody_else_may_do_anything(acme: Tenant, action: Action) -> None:
    """A visitor, somebody with a login and no tenant, and the owner of another tenant."""
    globex = Tenant.objects.create(slug="globex", name="Globex")
    nobody = signed_in(User.objects.create_user("nobody@example.com"))
    for client in (Client(), nobody):
        assert "/login/" in ask(action, client, acme)[2]
    with transaction.atomic():
        _, content, _ = ask(action, signed_in(person(Role.OWNER, globex)), acme)
        assert not AuditEvent.objects.for_tenant(acme).exists()
    acme.refresh_from_db()
    assert (acme.name, Tenant.objects.count()) == ("Acme", 2)
    assert b"somebody@" not in content

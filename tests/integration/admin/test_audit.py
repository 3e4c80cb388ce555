"""The audit trail: every change is in it, no secret is, and nobody can change it."""

import json
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from pytest_django import Settings

from tenants.acting import Actor, acting_as
from tenants.models import AuditEvent, HttpTool, PlatformEvent, ProviderKey, Tenant
from tenants.permissions import Role
from tenants.scope import tenant_scope
from tests.support.panel import TOOL, person, signed_in

pytestmark = pytest.mark.django_db
SECRET = "sk-of-acme-0123456789"


@pytest.fixture
def acme() -> Tenant:
    return Tenant.objects.create(slug="acme", name="Acme")


@pytest.fixture
def owner(acme: Tenant) -> Client:
    return signed_in(person(Role.OWNER, acme))


def events_of(tenant: Tenant) -> list[AuditEvent]:
    return list(AuditEvent.objects.for_tenant(tenant).order_by("id"))


def test_what_members_do_is_written_down(owner: Client, acme: Tenant) -> None:
    headers = {"x-request-id": "req_of_a_test"}
    owner.post("/admin/tenants/httptool/add/", {**TOOL, "new_headers": f"X-Key: {SECRET}"}, headers=headers)
    tool = HttpTool.objects.for_tenant(acme).get()
    address = f"/admin/tenants/httptool/{tool.pk}/"
    owner.post(f"{address}change/", {**TOOL, "description": "All orders."}, headers=headers)
    owner.post(f"{address}delete/", {"post": "yes"}, headers=headers)
    events = events_of(acme)
    assert [one.action for one in events] == ["httptool.add", "httptool.change", "httptool.delete"]
    # The request's id is the server's own: words that a caller chose would be kept for ever.
    assert all(re.fullmatch("req_[0-9a-f]{32}", one.request_id) for one in events)
    assert {(one.actor, one.actor_kind, one.address) for one in events} == {("owner@acme.example", "member", None)}
    assert {(one.target_type, one.target_id) for one in events} == {("httptool", str(tool.pk))}
    assert (events[1].before["description"], events[1].after["description"]) == ("Orders.", "All orders.")
    assert "name" not in events[1].after
    assert events[2].before["url_template"] == "https://x.example/"
    assert SECRET not in "".join(one.as_json() for one in events)
    assert tool.headers
    assert tool.headers not in "".join(one.as_json() for one in events)


def test_a_change_that_fails_is_not_written_down(owner: Client, acme: Tenant) -> None:
    assert owner.post("/admin/tenants/httptool/add/", {**TOOL, "name": "NOT A NAME"}).status_code == 200
    assert events_of(acme) == []


def test_what_staff_does_is_in_the_tenants_own_trail(acme: Tenant, settings: Settings) -> None:
    settings.AUDIT_ADDRESSES = True
    staff = signed_in(person(Role.STAFF, acme))
    staff.post(f"/admin/tenants/tenant/{acme.pk}/change/", {"name": "Acme Ltd", "access": "members"})
    (event,) = events_of(acme)
    assert (event.actor, event.actor_kind, event.action) == ("staff@acme.example", "staff", "tenant.change")
    assert (event.before, event.after) == ({"name": "Acme"}, {"name": "Acme Ltd"})
    assert event.address == "127.0.0.1"


def test_what_is_done_to_logins_is_in_the_platforms_trail(acme: Tenant) -> None:
    other = person(Role.VIEWER, acme)
    boss = signed_in(person(Role.SUPERUSER, acme))
    boss.post(f"/admin/accounts/user/{other.pk}/change/", {"name": other.name, "is_active": "on", "is_staff": "on"})
    (event,) = PlatformEvent.objects.all()
    assert (event.action, event.after) == ("user.change", {"is_staff": True})


def test_each_use_of_a_key_is_written_down(acme: Tenant) -> None:
    with acting_as(Actor("command", "a_test")):
        key = ProviderKey.store(acme.pk, "groq", SECRET)
        key.reveal("a test")
    stored, used = events_of(acme)
    assert (stored.action, used.action, used.reason) == ("providerkey.store", "providerkey.decrypt", "a test")
    assert (used.actor_kind, used.actor) == ("command", "a_test")
    assert stored.after["secret"] == "(not shown)"
    assert SECRET not in stored.as_json() + used.as_json()


@pytest.mark.parametrize("model", [AuditEvent, PlatformEvent])
@pytest.mark.parametrize("statement", ["UPDATE {} SET action = 'nothing'", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_database_refuses_to_change_it(acme: Tenant, model: type[AuditEvent], statement: str) -> None:
    AuditEvent.record(acme.pk, "something")
    PlatformEvent.record("something")
    connection.check_constraints()  # A table with something left to check cannot be emptied in any case.
    with tenant_scope(acme), pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        connection.cursor().execute(statement.format(model._meta.db_table))


def test_the_trail_goes_with_its_tenant_only(acme: Tenant) -> None:
    globex = Tenant.objects.create(slug="globex", name="Globex")
    for tenant in (acme, globex):
        AuditEvent.record(tenant.pk, "something")
    assert AuditEvent.forget(acme.pk, 100) == 1
    assert (len(events_of(acme)), len(events_of(globex))) == (0, 1)
    with tenant_scope(globex), pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        connection.cursor().execute("DELETE FROM tenants_auditevent WHERE tenant_id = %s", [globex.pk])


def test_it_is_taken_out_as_json_lines(owner: Client, acme: Tenant) -> None:
    AuditEvent.record(acme.pk, "first")
    AuditEvent.record(acme.pk, "second", reason="=cmd|'/C calc'!A0")
    assert owner.get("/admin/tenants/auditevent/export/").status_code == 405  # no image may ask for it
    response = owner.post("/admin/tenants/auditevent/export/")
    assert [json.loads(line)["action"] for line in response.content.decode().splitlines()] == ["second", "first"]
    assert "attachment" in response.headers["Content-Disposition"]
    out = StringIO()
    call_command("export_audit", "acme", stdout=out)
    assert [json.loads(line)["action"] for line in out.getvalue().splitlines()] == [
        "first",
        "second",
        "auditevent.export",
    ]
    assert [one.actor for one in events_of(acme)][2:] == ["owner@acme.example", "export_audit"]


def test_a_row_leads_to_its_history(owner: Client, acme: Tenant) -> None:
    owner.post("/admin/tenants/httptool/add/", TOOL)
    owner.post("/admin/tenants/httptool/add/", {**TOOL, "name": "another"})
    tool = HttpTool.objects.for_tenant(acme).get(name="orders")
    owner.get("/admin/")  # shows what was said of the two
    page = owner.get(f"/admin/tenants/httptool/{tool.pk}/history/", follow=True).content.decode()
    assert "orders" in page
    assert "another" not in page


def test_staff_suspends_and_resumes_a_tenant(owner: Client, acme: Tenant) -> None:
    staff, address = signed_in(person(Role.STAFF, acme)), f"/admin/tenants/tenant/{acme.pk}/"
    assert "Say why" in staff.post(f"{address}status/", {"reason": " "}, follow=True).content.decode()
    assert "is suspended" in staff.post(f"{address}status/", {"reason": "Unpaid"}, follow=True).content.decode()
    assert "/login/" in owner.get("/admin/")["Location"]
    assert owner.post(f"{address}status/", {"reason": "Paid"}).status_code == 302
    acme.refresh_from_db()
    assert not acme.is_active
    staff.post(f"{address}status/", {"reason": "Paid"})
    assert owner.get("/admin/").status_code == 200
    assert owner.post(f"{address}status/", {"reason": "Mine"}).status_code == 403
    assert [(one.action, one.reason, one.actor_kind) for one in events_of(acme)] == [
        ("tenant.suspend", "Unpaid", "staff"),
        ("tenant.resume", "Paid", "staff"),
    ]


def test_the_way_to_the_history_is_shown_to_those_who_may_read_it(owner: Client, acme: Tenant) -> None:
    address = f"/admin/tenants/tenant/{acme.pk}/"
    for client, may_read in ((owner, True), (signed_in(person(Role.VIEWER, acme)), False)):
        assert (f'href="{address}history/"' in client.get(f"{address}change/").content.decode()) is may_read
        assert client.get(f"{address}history/", follow=True).status_code == (200 if may_read else 403)

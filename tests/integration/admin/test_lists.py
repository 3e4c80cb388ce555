"""Long lists: newest first, page by page by their keys, whatever is filtered."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tenants.models import AuditEvent, Tenant
from tenants.panel import lists
from tenants.permissions import Role
from tests.support.panel import person, signed_in

pytestmark = pytest.mark.django_db
EVENTS = "/admin/tenants/auditevent/"


@pytest.fixture
def acme() -> Tenant:
    tenant = Tenant.objects.create(slug="acme", name="Acme")
    AuditEvent.objects.bulk_create(
        AuditEvent(
            tenant=tenant, actor_kind="member" if number % 2 else "staff", action="x", target_id=f"row-{number:03}"
        )
        for number in range(120)
    )
    return tenant


def pages(client: Client, address: str) -> Iterator[list[str]]:
    while address:
        content = client.get(address).content.decode()
        yield re.findall(r"row-(\d{3})", content)
        older = re.search(r'href="([^"]*)" rel="next"', content)
        address = EVENTS + older[1].replace("&amp;", "&") if older else ""


def test_pages_follow_each_other_by_key(acme: Tenant) -> None:
    client = signed_in(person(Role.OWNER, acme))
    numbers = [f"{number:03}" for number in reversed(range(120))]
    assert [[*dict.fromkeys(page)] for page in pages(client, EVENTS)] == [numbers[:50], numbers[50:100], numbers[100:]]
    odd = [[*dict.fromkeys(page)] for page in pages(client, EVENTS + "?actor_kind__exact=member")]
    assert odd == [numbers[0::2][:50], numbers[0::2][50:]]
    for wrong in ("before=x", "before=-1", "before=" + 40 * "9", "o=1", "p=9"):
        assert "row-119" in client.get(f"{EVENTS}?{wrong}").content.decode(), wrong


def test_another_filter_begins_at_the_newest(acme: Tenant) -> None:
    client = signed_in(person(Role.OWNER, acme))
    newest = AuditEvent.objects.for_tenant(acme).order_by("-pk")[60].pk
    content = client.get(f"{EVENTS}?before={newest}&actor_kind__exact=staff").content.decode()
    assert "before=" not in "".join(re.findall(r'href="(\?[^"]*actor_kind[^"]*)"(?! rel)', content))
    assert "Newest" in content


def test_nothing_is_counted_or_skipped(acme: Tenant) -> None:
    client = signed_in(person(Role.OWNER, acme))
    key = AuditEvent.objects.for_tenant(acme).order_by("-pk")[60].pk
    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(f"{EVENTS}?before={key}")
    read = [query["sql"] for query in captured if 'FROM "tenants_auditevent"' in query["sql"]]
    assert len(read) == 1
    assert "LIMIT 51" in read[0]
    assert "OFFSET" not in read[0]
    assert "COUNT(" not in read[0]


def test_a_search_reads_so_many_rows_and_goes_on_from_there(acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "STEP", 50)
    client = signed_in(person(Role.OWNER, acme))
    assert "Look further back" in client.get(f"{EVENTS}?q=row-00").content.decode()
    oldest = [f"{number:03}" for number in reversed(range(10))]
    assert [[*dict.fromkeys(page)] for page in pages(client, f"{EVENTS}?q=row-00")] == [[], [], oldest]

"""Hosts of tenants: who may claim one, what verifies it, and what each host shows."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from tenants import domains, hosts
from tenants.models import AuditEvent, Domain, Embed, Tenant
from tenants.scope import tenant_scope
from tests.conftest import StartServer
from tests.support.cast import Cast, gather, member_of
from tests.support.name_server import NameServer
from tests.support.panel import signed_in
from tests.support.workers import work

OWN = "chat.shop.example"


@pytest.fixture
def names(settings: Settings) -> Iterator[NameServer]:
    server = NameServer()
    settings.DNS_SERVERS = [server.address]
    hosts.forget()
    yield server
    server.stop()


def claim(client: Client, host: str, tenant: Tenant) -> Domain | None:
    client.post("/admin/tenants/domain/add/", {"host": host})
    return Domain.objects.for_tenant(tenant).filter(host=host.strip().lower()).first()


def verify(client: Client, domain: Domain) -> str:
    """What the page says then."""
    return client.post(f"/admin/tenants/domain/{domain.pk}/verify/", follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_host_serves_its_tenant_when_its_owner_has_said_so(names: NameServer) -> None:
    cast = gather()
    alice, carol = signed_in(cast.alice), signed_in(cast.carol)
    domain, theirs = claim(alice, f" {OWN.upper()}", cast.acme), claim(carol, OWN, cast.globex)
    assert domain is not None
    assert theirs is not None, "whoever only claims a name keeps nobody from it"
    page = alice.get(f"/admin/tenants/domain/{domain.pk}/change/").content.decode()
    assert domain.record_name in page
    assert domain.record_text in page
    for wrong in ([], ["chatplatform="], [theirs.record_text]):
        names.texts[domain.record_name] = wrong
        assert "There is no TXT record" in verify(alice, domain)
    hosts.forget()
    assert hosts.tenant_slug_of_host(OWN) is None
    names.texts[domain.record_name] = ["v=spf1 -all", domain.record_text]
    assert "is verified" in verify(alice, domain)
    assert hosts.tenant_slug_of_host(f"{OWN}:443") == "acme"
    assert AuditEvent.objects.for_tenant(cast.acme).filter(action="domain.verify").exists()
    names.texts[domain.record_name] = [theirs.record_text]
    assert "serves another tenant" in verify(carol, theirs)
    alice.post(f"/admin/tenants/domain/{domain.pk}/delete/", {"post": "yes"})
    assert hosts.tenant_slug_of_host(OWN) is None, "it does not serve any more"
    assert "is verified" in verify(carol, theirs)
    assert hosts.tenant_slug_of_host(OWN) == "globex"


@pytest.mark.usefixtures("committed_database")
def test_a_host_that_changes_hands_does_not_stay(settings: Settings, names: NameServer) -> None:
    """Its record goes away: its owners are told, and after a while it serves them no longer."""
    cast = gather()
    alice, carol = signed_in(cast.alice), signed_in(cast.carol)
    domain, theirs = claim(alice, OWN, cast.acme), claim(carol, OWN, cast.globex)
    assert domain is not None
    assert theirs is not None
    names.texts[domain.record_name] = [domain.record_text]
    verify(alice, domain)
    page = f"/admin/tenants/domain/{domain.pk}/change/"

    def look() -> Any:
        said = io.StringIO()
        call_command("check_domains", "--json", stdout=said)
        hosts.forget()
        return json.loads(said.getvalue())["domains"]

    def actions() -> list[tuple[str, str]]:
        events = AuditEvent.objects.for_tenant(cast.acme).filter(target_type="domain").order_by("pk")
        return list(events.values_list("action", "actor_kind"))

    assert look() == {"acme.localhost": "never there", "globex.localhost": "never there", OWN: "there"}
    assert "missing" not in alice.get("/admin/").content.decode()

    names.texts[domain.record_name] = [theirs.record_text]
    (task,) = DBTaskResult.objects.filter(args_kwargs__args=[cast.acme.pk, domain.pk])
    assert timedelta() < task.run_after - timezone.now() <= domains.EVERY
    DBTaskResult.objects.update(run_after=timezone.now())
    work({"DNS_SERVERS": names.address})
    assert DBTaskResult.objects.filter(status="READY", args_kwargs__args=[cast.acme.pk, domain.pk]).count() == 1
    assert actions()[-1] == ("domain.record_missing", "system")
    assert look()[OWN] == "missing"
    assert hosts.tenant_slug_of_host(OWN) == "acme"
    for path in ("/admin/", "/admin/tenants/domain/", page):
        assert "missing" in alice.get(path).content.decode().lower(), path
    assert "missing" not in carol.get("/admin/").content.decode()
    assert "serves another tenant" in verify(carol, theirs)

    Domain.objects.for_tenant(cast.acme).update(record_missing_since=timezone.now() - timedelta(days=15))
    settings.DNS_SERVERS = ["127.0.0.1:1"]
    assert look()[OWN] == "unknown"
    settings.DNS_SERVERS = [names.address]
    names.texts[domain.record_name] = [domain.record_text]
    looking = Domain.objects.for_tenant(cast.acme).get(pk=domain.pk)
    assert "is verified" in verify(alice, domain)
    assert "missing" not in alice.get(page).content.decode()

    names.texts[domain.record_name] = []
    assert domains.look_again(looking) == "there", "it was verified while a worker looked"
    assert hosts.tenant_slug_of_host(OWN) == "acme"
    assert look()[OWN] == "missing", "time counts anew"
    Domain.objects.for_tenant(cast.acme).filter(host=OWN).update(
        record_missing_since=timezone.now() - timedelta(days=15)
    )
    assert look()[OWN] == "ended"
    assert hosts.tenant_slug_of_host(OWN) is None
    assert actions()[-2:] == [("domain.record_missing", "command"), ("domain.withdraw", "command")]
    assert "stopped serving you" in alice.get("/admin/").content.decode()
    names.texts[domain.record_name] = [theirs.record_text]
    assert "is verified" in verify(carol, theirs)
    assert hosts.tenant_slug_of_host(OWN) == "globex"


@pytest.mark.django_db
def test_one_verified_host_is_the_primary_one(names: NameServer) -> None:
    """The first, until its owner chooses another, or it goes."""
    cast = gather()
    Domain.objects.for_tenant(cast.acme).delete()
    alice = signed_in(cast.alice)
    first, second, third = (claim(alice, f"{name}.shop.example", cast.acme) for name in ("a", "b", "c"))
    assert first is not None
    assert second is not None
    assert third is not None
    names.texts |= {one.record_name: [one.record_text] for one in (first, second)}
    for one in (first, second):
        verify(alice, one)

    def primary() -> list[str]:
        return list(Domain.objects.for_tenant(cast.acme).filter(is_primary=True).values_list("host", flat=True))

    def choose(domain: Domain, client: Client = alice) -> Any:
        return client.post(f"/admin/tenants/domain/{domain.pk}/make_primary/", follow=True)

    assert primary() == [first.host]
    assert "verify it first" in choose(third).content.decode()
    assert choose(first, signed_in(cast.carol)).status_code == 404
    assert choose(second, signed_in(member_of(cast.acme, "victor", "viewer"))).status_code == 403
    assert primary() == [first.host]
    assert second.host in choose(second).content.decode()
    assert primary() == [second.host]
    assert AuditEvent.objects.for_tenant(cast.acme).filter(action="domain.make_primary").count() == 1
    embed = Embed.objects.create(tenant=cast.acme, name="Shop", assistant=cast.guide)
    snippet = alice.get(f"/admin/tenants/embed/{embed.pk}/change/").content.decode()
    assert f'src="http://{second.host}/embed.js"' in snippet.replace("&quot;", '"')
    chosen = {"action": "delete_selected", "_selected_action": [second.pk, third.pk], "post": "yes"}
    alice.post("/admin/tenants/domain/", chosen)
    assert primary() == [first.host]
    with pytest.raises(IntegrityError, match="domain_primary_serves"), transaction.atomic(), tenant_scope(cast.acme):
        Domain.objects.create(tenant=cast.acme, host="z.example", is_primary=True)


@pytest.mark.django_db
def test_names_that_nobody_can_claim(names: NameServer) -> None:
    cast = gather()
    alice = signed_in(cast.alice)
    before = Domain.objects.for_tenant(cast.acme).count()
    for host in (
        *("", "x", "127.0.0.1", "localhost", "globex.localhost", "a..example", "-a.example", "a.example/x"),
        *("a.example:80", "https://a.example", "*.example", "a_b.example", "bücher.example", "a." * 130 + "example"),
    ):
        claim(alice, host, cast.acme)
        assert Domain.objects.for_tenant(cast.acme).count() == before, host


@pytest.mark.django_db
def test_a_name_server_that_is_away_is_no_fault(settings: Settings, names: NameServer) -> None:
    cast = gather()
    domain = claim(signed_in(cast.alice), OWN, cast.acme)
    names.stop()
    settings.DNS_SERVERS = ["127.0.0.1:1"]
    assert domain is not None
    assert "There is no TXT record" in verify(signed_in(cast.alice), domain)


def test_what_each_host_shows(start_server: StartServer, cast: Cast) -> None:
    """Its own domain, one below the base host, the shared host, and those of nobody, over HTTP."""
    for host, tenant, is_verified in (
        (OWN, cast.acme, True),
        ("claimed.example", cast.acme, False),
        ("closed.example", cast.globex, True),
    ):
        verified = timezone.now() if is_verified else None
        Domain.objects.create(tenant=tenant, host=host, verified_at=verified)
    Domain.objects.for_tenant(cast.globex).filter(host="globex.localhost").delete()
    server = start_server(TENANT_BASE_HOST="chat.example.com", ALLOWED_HOSTS="127.0.0.1")
    shop = f"{OWN}:{server.port}"

    def ask(host: str, path: str = "/", **more: str) -> httpx.Response:
        return httpx.get(f"{server.url}{path}", headers={"host": host, **more})

    assert "<title>Acme" in ask(shop).text
    assert ask(shop, "/t/globex/").status_code == 404
    assert ask("ACME.chat.example.com").status_code == 200
    assert ask("globex.chat.example.com").headers["location"] == "/login/?next=/"
    assert "Conversations that stay" in ask("127.0.0.1").text
    Tenant.objects.filter(pk=cast.globex.pk).update(status=Tenant.Status.SUSPENDED)
    nobodys = [
        "claimed.example",
        "closed.example",
        "nobody.example",
        "nobody.chat.example.com",
        "x.acme.chat.example.com",
    ]
    pages = [ask(host) for host in [*nobodys, "", "a b", "[::"]]
    assert {one.status_code for one in pages} <= {400, 421}
    assert [one.status_code for one in pages[:5]] == [421] * 5
    assert len({one.content for one in pages[:5]}) == 1
    assert "Nothing is served under this name" in pages[0].text
    assert "default-src 'none'" in pages[0].headers["content-security-policy"]
    for path in ("/login/", "/admin/", "/t/acme/", "/embed.js", "/no-such-page"):
        assert ask("nobody.example", path).status_code == 421, path
    refused = httpx.post(
        f"{server.url}/api/chatkit/session", headers={"host": "nobody.example"}, json={"tenant": "acme"}
    )
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")
    assert ask("10.0.0.7", "/healthz").status_code == 200, "probes come by an address"

    minted = httpx.post(
        f"{server.url}/api/chatkit/session", headers={"host": shop, "origin": f"http://{shop}"}, json={}
    )
    assert minted.status_code == 201
    cookie = minted.headers["set-cookie"]
    assert "domain=" not in cookie.lower(), "it goes back to this very host and to no other"

"""A login on one host is worth nothing on another, and on a tenant's own domain no more than that tenant."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.views.login import NOT_HERE
from tenants import hosts
from tenants.models import Domain, Membership
from tests.support.cast import Cast, gather

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_passwords")]
PASSWORD, DOMAIN = "correct horse battery", "chat.acme.example"


@pytest.fixture
def cast() -> Cast:
    """Acme has a domain, whose DNS is its own; Alice is a member of both tenants."""
    cast = gather()
    Domain.objects.create(tenant=cast.acme, host=DOMAIN, verified_at=cast.acme.created_at)
    Membership.objects.create(tenant=cast.globex, user=cast.alice, role="owner")
    cast.alice.set_password(PASSWORD)
    cast.alice.save()
    hosts.forget()
    return cast


def signed_in_on(host: str, user: User) -> Client:
    client = Client(headers={"host": host})
    client.post("/login/", {"username": user.email, "password": PASSWORD})
    return client


def test_a_copied_login_counts_on_its_own_host_alone(cast: Cast) -> None:
    alice = signed_in_on(DOMAIN, cast.alice)
    assert alice.get("/account/").status_code == 200
    for host in ("testserver", "globex.localhost", "acme.localhost"):
        for path in ("/account/", "/admin/"):
            assert "/login/" in alice.get(path, headers={"host": host}).headers.get("Location", ""), (host, path)
    assert alice.get("/account/", headers={"host": f"{DOMAIN.upper()}:8443"}).status_code == 200, "it is the same name"
    at_home = signed_in_on("testserver", cast.alice)
    assert at_home.get("/account/").status_code == 200
    assert "/login/" in at_home.get("/account/", headers={"host": DOMAIN})["Location"]


def test_on_a_tenants_domain_it_opens_that_tenant_alone(cast: Cast) -> None:
    alice = signed_in_on(DOMAIN, cast.alice)
    assert alice.get("/admin/tenant/").status_code == 404, "there is nothing to choose"
    alice.post("/admin/tenant/", {"tenant": "globex"})
    assert "Globex" not in alice.get("/admin/").content.decode()
    assert alice.get(f"/admin/tenants/tenant/{cast.globex.pk}/change/").status_code in (403, 404)
    assert alice.get("/t/globex/").status_code == 404


def test_staff_is_nobody_on_a_tenants_domain(cast: Cast) -> None:
    alice = signed_in_on(DOMAIN, cast.alice)
    User.objects.filter(pk=cast.alice.pk).update(is_staff=True)
    assert "/login/" in alice.get("/admin/")["Location"], "nor is who became staff after signing in"
    refused = Client(headers={"host": DOMAIN}).post("/login/", {"username": cast.alice.email, "password": PASSWORD})
    assert NOT_HERE in refused.content.decode().replace("&#x27;", "'")
    assert "_auth_user_id" not in refused.client.session
    for host in ("testserver", "acme.localhost"):
        assert signed_in_on(host, cast.alice).get("/admin/").status_code == 200, host

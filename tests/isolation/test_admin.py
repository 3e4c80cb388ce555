"""The admin panel shows a tenant's people their tenant, and to them the rows of others do not exist."""

from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from accounts.models import User
from tenants.models import HttpTool, Membership, Tenant
from tenants.panel.base import PanelAdmin, TenantModelAdmin
from tenants.permissions import Action, Role
from tests.isolation.permissions import rows_of
from tests.support.panel import TOOL, choose, person, signed_in

pytestmark = pytest.mark.django_db

PAGES: dict[type[models.Model], TenantModelAdmin] = {
    model: page for model, page in admin.site._registry.items() if isinstance(page, TenantModelAdmin)
}


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


def address_of(model: type[models.Model], rest: str = "") -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{rest}"


@pytest.fixture
def rows() -> dict[str, dict[type[models.Model], Any]]:
    """Of two tenants, the same in each."""
    tenants = [Tenant.objects.create(slug=slug, name=slug.title()) for slug in ("acme", "globex")]
    return {tenant.slug: rows_of(tenant) for tenant in tenants}


@pytest.fixture
def acme(rows: dict[str, dict[type[models.Model], Any]]) -> Tenant:
    tenant: Tenant = rows["acme"][Tenant]
    return tenant


@pytest.fixture
def globex(rows: dict[str, dict[type[models.Model], Any]]) -> Tenant:
    tenant: Tenant = rows["globex"][Tenant]
    return tenant


def test_the_admin_was_found() -> None:
    assert len(addresses(get_resolver())) > 8
    assert "/admin/tenants/httptool/1/change/" in addresses(get_resolver())


@pytest.mark.parametrize("path", sorted(addresses(get_resolver())))
def test_nobody_without_a_tenant_comes_in(client: Client, path: str) -> None:
    for _ in ("nobody", "somebody who is no member"):
        response = client.get(path)
        assert response.status_code in (302, 403, 404, 405), path
        assert response.status_code != 302 or "/login/" in response["Location"] or path == "/admin/logout/"
        client.force_login(User.objects.get_or_create(email="somebody@example.com")[0])


def test_every_page_has_a_row_to_be_tried_with(rows: dict[str, dict[type[models.Model], Any]]) -> None:
    assert PAGES.keys() <= rows["acme"].keys()


def test_a_page_without_a_permission_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured):
        admin.site.register(User, admin.ModelAdmin)
    with pytest.raises(ImproperlyConfigured):
        PanelAdmin(User, admin.site)


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_a_list_shows_the_rows_of_one_tenant(
    rows: dict[str, dict[type[models.Model], Any]], acme: Tenant, model: type[models.Model]
) -> None:
    """Also when it is searched, filtered, sorted, and asked for all."""
    client = signed_in(person(Role.OWNER, acme))
    for query in (
        "",
        "?q=e",
        "?o=-1",
        "?all=",
        "?p=1",
        "?tenant__id__exact=2",
        f"?id__exact={rows['globex'][model].pk}",
    ):
        response = client.get(address_of(model, query), follow=True)
        assert response.status_code == 200, query
        assert "globex" not in response.content.decode().lower().replace("q=globex", ""), query
    assert "acme" in client.get(address_of(model), follow=True).content.decode()


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
@pytest.mark.parametrize("rest", ["change/", "delete/", "history/", ""])
def test_a_row_of_somebody_else_looks_like_one_that_does_not_exist(
    rows: dict[str, dict[type[models.Model], Any]], acme: Tenant, model: type[models.Model], rest: str
) -> None:
    client = signed_in(person(Role.OWNER, acme))
    own, foreign = rows["acme"][model], rows["globex"][model]
    for method in (client.get, client.post):
        answers = [method(address_of(model, f"{pk}/{rest}"), follow=True) for pk in (foreign.pk, 987_654_321)]
        # Who may change no row at all learns that first.
        assert answers[0].status_code == answers[1].status_code in (403, 404)
        assert answers[0].content == answers[1].content
    assert client.get(address_of(model, f"{own.pk}/change/")).status_code == 200
    assert model._base_manager.filter(pk=foreign.pk).exists()


def test_an_action_reaches_own_rows_only(rows: dict[str, dict[type[models.Model], Any]], acme: Tenant) -> None:
    client = signed_in(person(Role.OWNER, acme))
    both = [rows[slug][HttpTool].pk for slug in ("acme", "globex")]
    chosen = {"action": "delete_selected", "_selected_action": both, "post": "yes"}
    assert client.post(address_of(HttpTool), chosen).status_code == 302
    assert list(HttpTool._base_manager.values_list("pk", flat=True)) == [both[1]]


def test_a_new_row_belongs_to_the_tenant_whatever_the_form_says(acme: Tenant, globex: Tenant) -> None:
    client = signed_in(person(Role.ADMIN, acme))
    posted = {**TOOL, "tenant": globex.pk, "tenant_id": globex.pk}
    assert client.post(address_of(HttpTool, "add/"), posted).status_code == 302
    assert HttpTool._base_manager.get(name=TOOL["name"]).tenant == acme


def test_a_name_that_is_taken_within_the_tenant_is_an_error_of_the_form(acme: Tenant) -> None:
    client = signed_in(person(Role.ADMIN, acme))
    for name, status in (("tool_acme", 200), ("tool_globex", 302)):
        assert client.post(address_of(HttpTool, "add/"), {**TOOL, "name": name}).status_code == status


@pytest.fixture
def both(acme: Tenant, globex: Tenant) -> User:
    """Who owns one tenant and may only look at another."""
    user = person(Role.OWNER, acme)
    Membership.objects.create(tenant=globex, user=user, role=Membership.Role.VIEWER)
    return user


def test_a_member_of_several_tenants_chooses_one(both: User, acme: Tenant, globex: Tenant) -> None:
    client = signed_in(both)
    response = client.get(address_of(HttpTool), follow=True)
    assert response.redirect_chain == [("/admin/tenant/?next=%2Fadmin%2Ftenants%2Fhttptool%2F", 302)]
    chosen = client.post("/admin/tenant/", {"tenant": "globex", "next": address_of(HttpTool)}, follow=True)
    assert "tool_globex" in chosen.content.decode()
    assert "tool_acme" not in chosen.content.decode()
    assert client.get(address_of(HttpTool, "add/")).status_code == 403
    choose(client, acme)
    assert client.get(address_of(HttpTool, "add/")).status_code == 200
    assert client.post("/admin/tenant/", {"tenant": "initech"}).status_code == 404
    assert client.post("/admin/tenant/", {"tenant": "acme", "next": "//evil.example/"})["Location"] == "/admin/"


def test_a_form_of_one_tenant_saves_nothing_in_another(acme: Tenant, globex: Tenant) -> None:
    """Two tabs: in the second one the tenant was changed."""
    user = person(Role.OWNER, acme)
    Membership.objects.create(tenant=globex, user=user, role=Membership.Role.OWNER)
    client = signed_in(user, acme)
    assert (
        '<input type="hidden" name="_tenant" value="acme">' in client.get(address_of(HttpTool, "add/")).content.decode()
    )
    choose(client, globex)
    response = client.post(address_of(HttpTool, "add/"), {**TOOL, "_tenant": "acme"}, follow=True)
    assert "Nothing was saved" in response.content.decode()
    assert not HttpTool._base_manager.filter(name=TOOL["name"]).exists()


def test_a_tenants_own_host_decides(both: User, globex: Tenant) -> None:
    from tenants import hosts
    from tenants.models import Domain

    Domain.objects.create(tenant=globex, host="globex.localhost", verified_at=timezone.now())
    hosts.forget()
    client = signed_in(both)
    page = client.get(address_of(HttpTool), headers={"host": "globex.localhost"}).content.decode()
    assert "tool_globex" in page
    assert "tool_acme" not in page
    assert client.get("/admin/tenant/", headers={"host": "globex.localhost"}).status_code == 404
    stranger = signed_in(person(Role.OWNER, Tenant.objects.create(slug="initech", name="Initech")))
    assert "/login/" in stranger.get("/admin/", headers={"host": "globex.localhost"})["Location"]
    hosts.forget()


def test_a_suspended_tenant_has_no_admin_but_staff(acme: Tenant) -> None:
    owner, staff = person(Role.OWNER, acme), person(Role.STAFF, acme)
    client = signed_in(owner)
    assert client.get("/admin/").status_code == 200
    Tenant.objects.filter(pk=acme.pk).update(status=Tenant.Status.SUSPENDED)
    assert "/login/" in client.get("/admin/")["Location"]
    assert signed_in(staff, acme).get(address_of(Tenant, f"{acme.pk}/change/")).status_code == 200


def test_a_member_who_left_is_out_at_once(acme: Tenant) -> None:
    owner = person(Role.OWNER, acme)
    client = signed_in(owner)
    assert client.get("/admin/").status_code == 200
    Membership.objects.for_tenant(acme).filter(user=owner).delete()
    assert "/login/" in client.get("/admin/")["Location"]


def test_staff_sees_all_tenants_and_works_in_one(
    rows: dict[str, dict[type[models.Model], Any]], acme: Tenant, globex: Tenant
) -> None:
    client = signed_in(person(Role.STAFF, acme))
    page = client.get(address_of(HttpTool)).content.decode()
    assert "tool_acme" in page
    assert "tool_globex" in page
    tool = rows["globex"][HttpTool]
    assert "Globex" in client.get(address_of(HttpTool, f"{tool.pk}/change/")).content.decode()
    assert client.get(address_of(HttpTool, "add/")).status_code == 403  # for which tenant?
    assert client.get(address_of(HttpTool, "987654321/change/")).status_code == 404
    choose(client, globex)
    assert "tool_acme" not in client.get(address_of(HttpTool)).content.decode()
    assert client.get(address_of(HttpTool, f"{rows['acme'][HttpTool].pk}/change/")).status_code == 404
    choose(client, None)
    assert "tool_acme" in client.get(address_of(HttpTool)).content.decode()


def test_a_filter_that_would_list_logins_of_all_tenants_is_refused(acme: Tenant) -> None:
    class Leaky(TenantModelAdmin):
        may_view = Action.MEMBERS_VIEW
        list_filter = ["user"]

    with pytest.raises(ImproperlyConfigured):
        Leaky(Membership, admin.site).get_list_filter(signed_in(person(Role.OWNER, acme)).get("/admin/").wsgi_request)

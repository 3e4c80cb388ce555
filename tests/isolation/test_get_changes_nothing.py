"""A GET changes nothing, whoever sends it: an image in a visitor's message is a GET of whoever reads it."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection, models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tenants.models import EmbedSigningKey, Membership, Tenant
from tenants.permissions import Role
from tests.isolation.permissions import rows_of
from tests.support.panel import person, signed_in

pytestmark = pytest.mark.django_db

#: Tables that a GET may touch, each with its reason.
TOUCHED = {
    "django_session": "the login itself: when it was used last, messages that were shown",
}
ARGUMENT = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>|\(\?P<(?P<regex>\w+)>(?:\[[^\]]*\]|[^)])*\)")


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern).removeprefix("^")
        if isinstance(entry, URLPattern):
            yield pattern.removesuffix("$").removesuffix(r"\Z")
        else:
            yield from patterns(entry, pattern)


PATTERNS = sorted(set(patterns(get_resolver())))


def rows_now() -> dict[str, str]:
    """What each table holds, in short."""
    with connection.cursor() as cursor:
        tables = [table for table in connection.introspection.table_names(cursor) if table not in TOUCHED]
        found = {}
        for table in tables:
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{table}\" t"
            )
            found[table] = cursor.fetchone()[0]
    return found


def address_of(pattern: str, rows: dict[type[models.Model], models.Model], tenant: Tenant) -> str:
    """The address of a page, with a row of the tenant's in the place of each argument."""
    by_page = {f"admin/{model._meta.label_lower.replace('.', '/')}/": row for model, row in rows.items()}
    row = next((row for page, row in by_page.items() if pattern.startswith(page)), tenant)

    def value(match: re.Match[str]) -> str:
        name = match["name"] or match["regex"] or ""
        if "slug" in name:
            return tenant.slug
        if name.endswith("_id") and name != "object_id":
            named = next((each for model, each in rows.items() if name.startswith(model._meta.model_name or "-")), row)
            return str(getattr(named, "public_id", named.pk))
        if name == "public_id":
            return str(getattr(row, "public_id", row.pk))
        return str(row.pk)

    return "/" + ARGUMENT.sub(value, pattern).replace("\\", "")


@pytest.fixture
def rows() -> dict[type[models.Model], models.Model]:
    found = rows_of(Tenant.objects.create(slug="acme", name="Acme", access=Tenant.Access.ANONYMOUS))
    key = found[EmbedSigningKey]
    assert isinstance(key, EmbedSigningKey)
    key.algorithm, key.public_key = EmbedSigningKey.Algorithm.HS256, ""
    key.set_secret("0123456789abcdef" * 4)
    key.save()
    return found


@pytest.mark.parametrize("role", [Role.OWNER, Role.STAFF, Role.SUPERUSER, None], ids=str)
def test_no_page_writes_when_it_is_read(rows: dict[type[models.Model], models.Model], role: Role | None) -> None:
    tenant = rows[Tenant]
    assert isinstance(tenant, Tenant)
    if role is None:
        client = Client()
    else:
        user = person(role, tenant)
        client = signed_in(user)
        if role is not Role.OWNER:  # staff reads a tenant as one of its people
            Membership.objects.create(tenant=tenant, user=user, role=Membership.Role.OWNER)
    seen, wrote = 0, []
    before = rows_now()
    for pattern in PATTERNS:
        for query in ("", "?x=1"):
            path = address_of(pattern, rows, tenant) + query
            response = client.get(path)
            seen += response.status_code == 200
            after = rows_now()
            if after != before:
                wrote.append((path, sorted(table for table in after if after[table] != before.get(table))))
                before = after
    assert wrote == []
    assert seen > (60 if role is Role.OWNER else 3)


def test_the_pages_were_found(rows: dict[type[models.Model], models.Model]) -> None:
    tenant = rows[Tenant]
    assert isinstance(tenant, Tenant)
    owner = signed_in(person(Role.OWNER, tenant))
    for name in ("draft", "preview", "compare"):
        pattern = next(each for each in PATTERNS if each.endswith(f"<path:object_id>/{name}/"))
        assert owner.get(address_of(pattern, rows, tenant)).status_code in (200, 403, 404), pattern
    token = next(each for each in PATTERNS if each.endswith("/try/token/"))
    assert EmbedSigningKey in rows
    assert owner.get(address_of(token, rows, tenant)).status_code == 405

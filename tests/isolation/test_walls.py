"""The walls behind the doors: the strict manager, and keys that cannot point across tenants."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from chat.models import Thread
from tenants.constraints import TenantForeignKey
from tenants.managers import TenantManager
from tenants.models import Assistant, Membership
from tenants.scope import UnscopedQueryError, cross_tenant, tenant_scope
from tests.support.cast import Cast


def owned_models() -> list[type[models.Model]]:
    found = [model for app in ("tenants", "accounts", "chat") for model in apps.get_app_config(app).get_models()]
    return [model for model in found if isinstance(model._default_manager, TenantManager)]


def label_of(value: Any) -> str:
    return str(getattr(getattr(value, "_meta", None), "label", value))


QUERIES: dict[str, Callable[[Any], Any]] = {
    "all": lambda objects: objects.all(),
    "filter": lambda objects: objects.filter(pk=1),
    "exclude": lambda objects: objects.exclude(pk=1),
    "get": lambda objects: objects.get(pk=1),
    "first": lambda objects: objects.first(),
    "last": lambda objects: objects.last(),
    "latest": lambda objects: objects.latest("pk"),
    "count": lambda objects: objects.count(),
    "exists": lambda objects: objects.exists(),
    "values": lambda objects: objects.values("pk"),
    "values_list": lambda objects: objects.values_list("pk"),
    "in_bulk": lambda objects: objects.in_bulk([1]),
    "aggregate": lambda objects: objects.aggregate(models.Count("pk")),
    "annotate": lambda objects: objects.annotate(n=models.Count("pk")),
    "select_related": lambda objects: objects.select_related("tenant"),
    "order_by": lambda objects: objects.order_by("pk"),
    "iterator": lambda objects: list(objects.iterator()),
    "update": lambda objects: objects.update(pk=1),
    "raw": lambda objects: list(objects.raw("SELECT 1 AS id")),
    "get_or_create": lambda objects: objects.get_or_create(pk=1),
    "update_or_create": lambda objects: objects.update_or_create(pk=1),
    "create": lambda objects: objects.create(),
    "using": lambda objects: objects.using("default"),
    "dates": lambda objects: objects.dates("created_at", "day"),
    "datetimes": lambda objects: objects.datetimes("created_at", "day"),
    "alias": lambda objects: objects.alias(n=models.Count("pk")),
    "bulk_update": lambda objects: objects.bulk_update([], ["pk"]),
    "complex_filter": lambda objects: objects.complex_filter({}),
    "contains": lambda objects: objects.contains(objects.model()),
    "defer": lambda objects: objects.defer("pk"),
    "difference": lambda objects: objects.difference(),
    "distinct": lambda objects: objects.distinct(),
    "earliest": lambda objects: objects.earliest("pk"),
    "explain": lambda objects: objects.explain(),
    "extra": lambda objects: objects.extra(),
    "intersection": lambda objects: objects.intersection(),
    "only": lambda objects: objects.only("pk"),
    "prefetch_related": lambda objects: objects.prefetch_related("tenant"),
    "reverse": lambda objects: objects.reverse(),
    "select_for_update": lambda objects: objects.select_for_update(),
    "union": lambda objects: objects.union(),
    "none": lambda objects: objects.none(),
}


@pytest.mark.parametrize("model", owned_models(), ids=label_of)
@pytest.mark.parametrize("query", QUERIES)
def test_a_query_that_names_no_tenant_is_refused(model: type[models.Model], query: str) -> None:
    """Without a database even: it is not asked."""
    with pytest.raises(UnscopedQueryError):
        QUERIES[query](model._default_manager)


def test_no_query_was_forgotten() -> None:
    methods = {name for name in dir(models.Manager) if not name.startswith("_") and hasattr(models.QuerySet, name)}
    asynchronous = {name for name in methods if name.startswith("a") and name[1:] in methods}
    # Rows of a bulk insert carry their tenants, which the database requires.
    assert methods - asynchronous - {"db", "bulk_create"} == QUERIES.keys()


async def test_asynchronous_queries_are_refused_too() -> None:
    for name, arguments in (("aget", {"pk": 1}), ("acount", {}), ("acreate", {"public_id": "x"}), ("afirst", {})):
        with pytest.raises(UnscopedQueryError):
            await getattr(Thread.objects, name)(**arguments)
    with pytest.raises(UnscopedQueryError):
        [thread async for thread in Thread.objects.select_related("tenant")]


def test_a_scope_shows_its_tenant_only(cast: Cast) -> None:
    with tenant_scope(cast.acme):
        assert {assistant.tenant_id for assistant in Assistant.objects.all()} == {cast.acme.pk}
    assert {assistant.tenant_id for assistant in Assistant.objects.for_tenant(cast.globex)} == {cast.globex.pk}
    with tenant_scope(cast.acme):
        assert not Assistant.objects.for_tenant(cast.globex).exists()  # the database knows for whom it works
    with pytest.raises(UnscopedQueryError):
        Assistant.objects.all()


def test_the_only_door_to_all_tenants_asks_for_a_reason(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    for reason in ("", "   "):
        with pytest.raises(ValueError, match="reason"), cross_tenant(reason):
            pass
    with caplog.at_level(logging.INFO, "chatplatform.audit"), cross_tenant("a count for the bill"):
        assert Assistant.objects.count() == 4
    (record,) = [record for record in caplog.records if record.name == "chatplatform.audit"]
    assert "a count for the bill" in record.getMessage()
    with pytest.raises(UnscopedQueryError):
        Assistant.objects.count()


# ---- keys


def tenant_keys() -> Iterator[tuple[type[models.Model], TenantForeignKey]]:
    for model in owned_models():
        for constraint in model._meta.constraints:
            if isinstance(constraint, TenantForeignKey):
                yield model, constraint


@pytest.mark.parametrize(
    ("model", "key"), list(tenant_keys()), ids=lambda value: getattr(value, "name", label_of(value))
)
def test_no_row_can_point_into_another_tenant(
    rows: dict[tuple[type[models.Model], str], int], model: type[models.Model], key: TenantForeignKey
) -> None:
    """Raw SQL, as a bug anywhere would send it."""
    column = f"{key.field}_id"
    target = rows[apps.get_model(key.to), "globex"]
    sql = f"UPDATE {model._meta.db_table} SET {column} = %s WHERE id = %s"
    with pytest.raises(IntegrityError, match=key.name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [target, rows[model, "acme"]])


@pytest.mark.parametrize(
    ("model", "key"), list(tenant_keys()), ids=lambda value: getattr(value, "name", label_of(value))
)
def test_no_row_can_move_to_another_tenant(
    rows: dict[tuple[type[models.Model], str], int], cast: Cast, model: type[models.Model], key: TenantForeignKey
) -> None:
    sql = f"UPDATE {model._meta.db_table} SET tenant_id = %s WHERE id = %s"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [cast.globex.pk, rows[model, "acme"]])


def test_the_keys_stand_in_the_database(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND array_length(conkey, 1) = 2"
        )
        standing = dict(cursor.fetchall())
    assert set(standing) == {key.name for _model, key in tenant_keys()}
    assert all("(tenant_id, id)" in definition for definition in standing.values())


def test_every_link_between_owned_rows_carries_the_tenant() -> None:
    """A plain foreign key to an owned table could point anywhere."""
    guarded = {(model, key.field) for model, key in tenant_keys()}
    loose = [
        f"{model._meta.label}.{field.name}"
        for model in owned_models()
        for field in model._meta.fields
        if isinstance(field, models.ForeignKey)
        and field.related_model in owned_models()
        and (model, field.name) not in guarded
    ]
    assert loose == []


def test_a_row_without_a_tenant_is_refused(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.bulk_create([Membership(user=cast.carol, role="owner")])

"""Each wall holds when the others are gone: they are taken away here, and one attack is tried that only this one can stop."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chatkit.store import NotFoundError
from django.db import IntegrityError, connection, models, transaction

from chat.isolation.doors import check_doors, scratch_tenant
from chat.isolation.findings import Report
from chat.models import Thread
from chat.stores import queries
from chatplatform.lib import db_pool
from chatplatform.lib.db_pool import fetch
from tenants.scope import UnscopedQueryError, cross_tenant, tenant_scope
from tenants.walls import build_walls, owned_models
from tests.isolation.test_walls import tenant_keys
from tests.support.cast import Cast

Rows = dict[tuple[type[models.Model], str], int]


def without_policies() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in owned_models():
            cursor.execute(
                f"ALTER TABLE {model._meta.db_table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY"
            )


def without_keys() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model, key in tenant_keys():
            cursor.execute(f"ALTER TABLE {model._meta.db_table} DROP CONSTRAINT {key.name}")


@pytest.fixture
def undone(rows: Rows) -> Iterator[None]:
    """What a test takes down stands again afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


STATEMENTS: dict[str, Callable[[Any], Any]] = {
    "load_thread": lambda context: queries.load_thread("thr_globex", context),
    "load_items": lambda context: queries.load_full_thread("thr_globex", 20, context),
    "load_item": lambda context: queries.load_item("thr_globex", "msg_globex", context),
    "delete_item": lambda context: queries.delete_item("thr_globex", "msg_globex", context),
    "delete_thread": lambda context: queries.delete_thread("thr_globex", context),
    "load_attachment": lambda context: queries.load_attachment("atc_globex", context),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_wall_1_the_statements_compare_the_owner_themselves(undone: None, cast: Cast, name: str) -> None:
    alice = cast.context(cast.alice, cast.guide)
    without_policies()
    without_keys()
    with cross_tenant("nothing but the statement is left"):
        assert fetch("SELECT id FROM chat_thread WHERE public_id = 'thr_globex'")
        with pytest.raises(NotFoundError):
            STATEMENTS[name](alice)
        assert fetch("SELECT id FROM chat_threaditem WHERE public_id = 'msg_globex'")


def test_wall_2_the_manager_builds_no_query_of_nobody(undone: None, rows: Rows, cast: Cast) -> None:
    without_policies()
    without_keys()
    for model in owned_models():
        with pytest.raises(UnscopedQueryError):
            model._default_manager.all()
        assert set(model._base_manager.values_list("tenant_id", flat=True)) == {cast.acme.pk, cast.globex.pk}
        with tenant_scope(cast.acme):
            assert set(model._default_manager.values_list("tenant_id", flat=True)) == {cast.acme.pk}


def test_wall_3_no_key_points_across(undone: None, rows: Rows) -> None:
    without_policies()
    targets = {model._meta.label: model for model, _slug in rows}
    for model, key in tenant_keys():
        sql = f"UPDATE {model._meta.db_table} SET {key.field}_id = %s WHERE id = %s"
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with pytest.raises(IntegrityError, match=key.name), transaction.atomic():
                cursor.execute(sql, [rows[targets[key.to], "globex"], rows[model, "acme"]])


def test_wall_4_the_database_shows_the_rows_of_one_tenant(undone: None, rows: Rows, cast: Cast) -> None:
    without_keys()
    with tenant_scope(cast.acme):
        for model in owned_models():
            found = fetch(f"SELECT id, tenant_id FROM {model._meta.db_table}")
            assert (rows[model, "acme"], cast.acme.pk) in found
            assert {tenant for _key, tenant in found} == {cast.acme.pk}
            sql = f"UPDATE {model._meta.db_table} SET id = id WHERE id = %s RETURNING id"
            assert fetch(sql, (rows[model, "globex"],)) == []
        assert Thread._base_manager.filter(public_id="thr_globex").delete()[0] == 0


def test_wall_5_the_doors_answer_as_to_something_unknown(committed_database: None) -> None:
    report = Report()
    without_policies()
    try:
        (_one, token), (_other, another) = scratch_tenant(), scratch_tenant()
        asyncio.run(check_doors(report, token, another))
    finally:
        db_pool.close_all()
        build_walls()
    assert report.findings == []
    assert report.tried["door"] > 60

"""Attacks on the tables, in a transaction that is rolled back: a row of everything for two scratch tenants, both ways."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import DatabaseError, InternalError, connection, transaction

from chat.isolation.findings import Report
from chat.isolation.rows import Maker, Model
from chatplatform.lib.db_pool import fetch
from chatplatform.lib.ids import new_id
from chatplatform.lib.tenant_setting import EVERY_TENANT, Named, for_tenant
from tenants.constraints import TenantForeignKey
from tenants.models import Tenant
from tenants.scope import UnscopedQueryError, cross_tenant
from tenants.walls import open_tables, owned_models, stray_tables


def check_tables(report: Report) -> None:
    """Try what row-level security, composite keys and the strict manager have to refuse, on every owned table."""
    _check_role(report)
    try:
        _attack(report)
    except DatabaseError as error:
        report.expect("rows", f"No rows to attack could be made, so that nothing was tried: {error}", holds=False)


def _attack(report: Report) -> None:
    with transaction.atomic():
        with cross_tenant("check_isolation makes rows to attack"):
            one, other = (Maker(_scratch(name)) for name in ("a", "b"))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in owned_models():
            _check_manager(report, model)
            _check_nobody(report, model)
            for own, foreign in ((one, other), (other, one)):
                _check_rows(report, model, own, foreign)
        for model, key in _keys():
            for own, foreign in ((one, other), (other, one)):
                _check_key(report, model, key, own, foreign)
        transaction.set_rollback(True)


def _scratch(name: str) -> Tenant:
    slug = f"check-{new_id('request')[4:20]}-{name}"
    return Tenant.objects.create(slug=slug, name="Isolation check", status=Tenant.Status.SUSPENDED)


def _check_role(report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        bypasses = cursor.fetchone() != (False,)
        report.expect("role", "The database role bypasses row-level security.", holds=not bypasses)
        for table in open_tables(cursor):
            report.expect("policy", f"{table}: its policy is missing, not forced, or another one.", holds=False)
        for table in stray_tables(cursor):
            report.expect("policy", f"{table}: it names tenants, and is no model with the strict manager.", holds=False)
    report.tried["policy"] = len(owned_models())


def _check_manager(report: Report, model: Model) -> None:
    try:
        model._default_manager.all()
    except UnscopedQueryError:
        holds = True
    else:
        holds = False
    report.expect("manager", f"{model._meta.label}: a query that names no tenant is built.", holds=holds)


def _check_nobody(report: Report, model: Model) -> None:
    table = model._meta.db_table
    holds = _is_refused(f"SELECT id FROM {table} LIMIT 1", [], None)  # noqa: S608
    report.expect("no tenant", f"{table}: a statement that names no tenant finds rows.", holds=holds)


def _check_rows(report: Report, model: Model, own: Maker, foreign: Maker) -> None:
    table, theirs = model._meta.db_table, foreign.row(model).pk
    both = [own.row(model).pk, theirs]
    found = [tenant for (tenant,) in _rows(f"SELECT tenant_id FROM {table} WHERE id = ANY(%s)", [both], own)]  # noqa: S608
    report.expect("read", f"{table}: a statement finds rows of another tenant.", holds=found == [own.tenant.pk])
    for verb, sql in (
        ("change", f"UPDATE {table} SET id = id WHERE id = %s RETURNING id"),  # noqa: S608
        ("delete", f"DELETE FROM {table} WHERE id = %s RETURNING id"),  # noqa: S608
    ):
        report.expect(verb, f"{table}: a row of another tenant can be {verb}d.", holds=not _rows(sql, [theirs], own))
    sql = f"UPDATE {table} SET tenant_id = %s WHERE id = %s"  # noqa: S608
    given = [foreign.tenant.pk, own.row(model).pk]
    holds = _is_refused(sql, given, own.tenant.pk)
    report.expect("give away", f"{table}: a row can be given to another tenant.", holds=holds)


def _check_key(report: Report, model: Model, key: TenantForeignKey, own: Maker, foreign: Maker) -> None:
    """With the policies out of the way: the keys alone have to hold."""
    target = foreign.row(apps.get_model(key.to)).pk
    sql = f"UPDATE {model._meta.db_table} SET {key.field}_id = %s WHERE id = %s"  # noqa: S608
    with cross_tenant("check_isolation tries the keys alone"):
        holds = _is_refused(sql, [target, own.row(model).pk], EVERY_TENANT)
    report.expect("point across", f"{key.name}: a row can point to a row of another tenant.", holds=holds)


def _keys() -> list[tuple[Model, TenantForeignKey]]:
    return [
        (model, constraint)
        for model in owned_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, TenantForeignKey)
    ]


def _rows(sql: str, values: list[Any], of: Maker) -> list[tuple[Any, ...]]:
    """What a statement finds in a tenant's name; what it does is undone."""
    found: list[tuple[Any, ...]] = []
    try:
        with transaction.atomic(), for_tenant(of.tenant.pk):
            found = fetch(sql, values)
            raise _Undo
    except (_Undo, DatabaseError):  # refused in so many words: what is only added to
        return found


def _is_refused(sql: str, values: list[Any], named: Named) -> bool:
    """Whether the database refuses it; what it does is undone."""
    try:
        with transaction.atomic(), for_tenant(named):
            fetch(sql, values)
            raise _Undo
    except _Undo:
        return False
    except InternalError:  # an earlier statement broke the transaction: this one proves nothing
        raise
    except DatabaseError:
        return True


class _Undo(Exception):  # noqa: N818 - no error
    pass

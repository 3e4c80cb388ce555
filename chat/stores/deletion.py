"""Deleting a tenant with everything of it: rows, files, and the key that opens its secrets.

It takes as long as it takes: one transaction for each batch, so that a live server does not notice, and whoever is interrupted
begins again and goes on.  What comes first cannot be undone: the tenant is closed, and its key is destroyed.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, models, transaction

from chat.stores import files
from tenants.models import AuditEvent, DataKey, Tenant
from tenants.scope import tenant_scope
from tenants.walls import owned_models


def in_order() -> list[type[models.Model]]:
    """The models that tenants own, each before those that it points to: what is deleted first takes nothing else along."""
    left = set(owned_models())
    ordered: list[type[models.Model]] = []
    while left:
        pointed_at = {
            field.related_model
            for model in left
            for field in model._meta.concrete_fields
            if isinstance(field, models.ForeignKey) and not field.null and field.related_model is not model
        }
        free = sorted(left - pointed_at, key=lambda model: model._meta.label)
        if not free:
            raise RuntimeError(f"They point at each other: {left}")
        ordered += free
        left -= set(free)
    return ordered


def count(tenant: Tenant) -> dict[str, int]:
    """How many rows of each table it has, and how many files."""
    with tenant_scope(tenant):
        rows = {model._meta.db_table: model._default_manager.for_tenant(tenant).count() for model in in_order()}  # type: ignore[attr-defined]
    return {**rows, "files": sum(1 for _ in files_of(tenant.pk))}


def destroy_key(tenant: Tenant) -> None:
    """From here on, nobody reads the tenant's secrets, in no backup of the rows either that lacks the key's."""
    with tenant_scope(tenant):
        DataKey.objects.for_tenant(tenant).delete()


def remove_rows(tenant: Tenant, most: int) -> Iterator[tuple[str, int]]:
    """Delete batches of at most ``most`` rows until none is left; after each, its table and how many they were."""
    for model in in_order():
        while removed := _remove_batch(tenant, model, most):
            yield model._meta.db_table, removed


def _remove_batch(tenant: Tenant, model: type[models.Model], most: int) -> int:
    if model is AuditEvent:
        with tenant_scope(tenant):
            return AuditEvent.forget(tenant.pk, most)
    table = connection.ops.quote_name(model._meta.db_table)
    with tenant_scope(tenant), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE tenant_id = %s LIMIT %s)",  # noqa: S608
            [tenant.pk, most],
        )
        return int(cursor.rowcount)


def files_of(tenant_id: int) -> Iterator[str]:
    """The paths of everything that is stored for it."""
    yield from _walk(str(tenant_id))


def _walk(folder: str) -> Iterator[str]:
    try:
        folders, names = files.storage().listdir(folder)
    except FileNotFoundError:
        return
    for name in folders:
        yield from _walk(f"{folder}/{name}")
    for name in names:
        yield f"{folder}/{name}"


def remove_tenant(tenant: Tenant) -> None:
    """Delete its own row, the last one.

    Raises:
        IntegrityError: something points to it again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tenants_tenant WHERE id = %s", [tenant.pk])

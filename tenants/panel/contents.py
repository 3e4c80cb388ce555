"""What goes with a row: the rows below it that the database deletes with it."""

from __future__ import annotations

from typing import Any

from django.db import models

from tenants.constraints import TenantForeignKey


def below(model: type[models.Model]) -> dict[type[models.Model], list[str]]:
    """Return the models whose rows are deleted with a row of ``model``, each with the lookups that lead from it to that row."""
    found: dict[type[models.Model], list[str]] = {}

    def walk(parent: type[models.Model], way: str) -> None:
        for relation in parent._meta.get_fields(include_hidden=True):
            field: Any = getattr(relation, "field", None)
            if not (relation.auto_created and relation.one_to_many) or field.model is model or not _cascades(field):
                continue
            lookup = f"{field.name}__{way}" if way else field.name
            found.setdefault(field.model, []).append(lookup)
            walk(field.model, lookup)

    walk(model, "")
    return found


def contents_of(row: Any) -> dict[str, int]:
    """Count what would be deleted with a tenant's row: name of the kind of row, and how many.  One query for each kind."""
    counted: dict[str, int] = {}
    for model, ways in below(type(row)).items():
        condition = models.Q()
        for way in ways:
            condition |= models.Q(**{way: row.pk})
        rows = model._default_manager.for_tenant(row.tenant_id)  # type: ignore[attr-defined]  # a strict manager has it
        if number := rows.filter(condition).count():
            counted[str(model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural)] = number
    return counted


def _cascades(field: Any) -> bool:
    constraints = [
        one for one in field.model._meta.constraints if isinstance(one, TenantForeignKey) and one.field == field.name
    ]
    return any(one.on_delete == "CASCADE" for one in constraints) or field.remote_field.on_delete is models.CASCADE

"""Filters of the panel's lists: what an address may filter by, and which rows a filter offers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import FieldListFilter, RelatedFieldListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.db import models
from django.http import HttpRequest

from tenants.panel.scope import scope_of


class RelatedRowsFilter(RelatedFieldListFilter):
    """Offers the rows that the request's scope reaches; Django's own would offer all rows of the related model."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        ordering = self.field_admin_ordering(field, request, model_admin)
        rows = scope_of(request).rows(field.remote_field.model).order_by(*ordering)
        return [(row.pk, str(row)) for row in rows]


def lookups_of(model: type[models.Model], filters: Iterable[Any]) -> set[str]:
    """Return the parameters of an address that these filters of a list read."""
    found: set[str] = set()
    for each in filters:
        if not isinstance(each, str | tuple):
            found.add(each.parameter_name)
            continue
        name, kind = each if isinstance(each, tuple) else (each, FieldListFilter)
        field = get_fields_from_path(model, name)[-1]
        if isinstance(field, models.ForeignKey):
            found |= {f"{name}__{field.target_field.name}__exact", f"{name}__isnull"}
        elif kind is not FieldListFilter:
            found |= {f"{name}__{lookup}" for lookup in ("isempty", "isnull")}
        elif isinstance(field, models.DateField):
            found |= {f"{name}__{lookup}" for lookup in ("gte", "lt", "isnull")}
        else:
            found |= {f"{name}__{lookup}" for lookup in ("exact", "isnull")}
    return found

"""What names its tenant needs no scope: a queryset by `for_tenant()`, a new row by its column."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.db.backends.postgresql import compiler
from django.db.models.sql import AggregateQuery, InsertQuery, Query

from chatplatform.lib.tenant_setting import for_tenant, named_tenant


def tenant_of(query: Query) -> int | None:
    """The one tenant whose rows a query names, as `for_tenant()` noted it."""
    if isinstance(query, InsertQuery):
        tenants = {getattr(row, "tenant_id", None) for row in query.objs}
        return tenants.pop() if len(tenants) == 1 else None
    if isinstance(query, AggregateQuery):
        query = query.inner_query
    return getattr(query, "tenant_id", None)


class _NamesTenant:
    """The surrounding scope counts first: within it, a query for another tenant finds nothing."""

    query: Any

    def execute_sql(self, *args: Any, **kwargs: Any) -> Any:
        tenant = tenant_of(self.query) if named_tenant() is None else None
        with for_tenant(tenant) if tenant is not None else nullcontext():
            return super().execute_sql(*args, **kwargs)  # type: ignore[misc]


class SQLCompiler(_NamesTenant, compiler.SQLCompiler): ...


class SQLInsertCompiler(_NamesTenant, compiler.SQLInsertCompiler): ...


class SQLUpdateCompiler(_NamesTenant, compiler.SQLUpdateCompiler): ...


class SQLDeleteCompiler(_NamesTenant, compiler.SQLDeleteCompiler): ...


class SQLAggregateCompiler(_NamesTenant, compiler.SQLAggregateCompiler): ...

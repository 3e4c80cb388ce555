"""The strict manager of tenant-owned models."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models

from tenants.models.tenant import Tenant
from tenants.scope import ALL_TENANTS, UnscopedQueryError, current_scope

M = TypeVar("M", bound=models.Model)


class TenantQuerySet(models.QuerySet[M]):
    """A queryset over rows that carry a ``tenant`` column."""

    def for_tenant(self, tenant: Tenant | int) -> Self:
        """Only the rows of ``tenant`` (an instance or its primary key)."""
        return self.filter(tenant_id=tenant.pk if isinstance(tenant, Tenant) else tenant)


class TenantManager(models.Manager[M]):
    """Refuses to build a queryset before a tenant is named.

    ``Model.objects.for_tenant(tenant)`` is the way in.  ``Model.objects.filter(...)`` raises `UnscopedQueryError`, unless the
    surrounding block is a `tenant_scope()` or `cross_tenant()`.
    """

    def get_queryset(self) -> TenantQuerySet[M]:
        scope = current_scope()
        if scope is None:
            raise UnscopedQueryError(
                f"{self.model._meta.label}.objects needs a tenant: use .for_tenant(tenant), or cross_tenant(reason) where rows of "
                "every tenant are really meant."
            )
        queryset = self._unscoped()
        return queryset if scope is ALL_TENANTS else queryset.for_tenant(scope)  # type: ignore[arg-type]

    def for_tenant(self, tenant: Tenant | int) -> TenantQuerySet[M]:
        """The rows of ``tenant``; works in every thread and task, whatever the ambient scope."""
        return self._unscoped().for_tenant(tenant)

    def create(self, **values: Any) -> M:
        """Insert a row; ``tenant`` must be among ``values``.

        Raises:
            UnscopedQueryError: no tenant given.
        """
        if "tenant" not in values and "tenant_id" not in values:
            raise UnscopedQueryError(f"{self.model._meta.label}.objects.create() needs a tenant.")
        return self._unscoped().create(**values)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[M]:
        """Insert rows; each carries its own tenant, which the database requires."""
        return self._unscoped().bulk_create(objs, *args, **kwargs)

    def _unscoped(self) -> TenantQuerySet[M]:
        return TenantQuerySet(self.model, using=self._db)

"""The strict manager of tenant-owned models."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.db import models

from chatplatform.lib.tenant_setting import EVERY_TENANT, named_tenant
from tenants.models.tenant import Tenant
from tenants.scope import UnscopedQueryError

M = TypeVar("M", bound=models.Model)


class TenantQuerySet(models.QuerySet[M]):
    """A queryset over rows that carry a ``tenant`` column."""

    def for_tenant(self, tenant: Tenant | int) -> Self:
        """Only the rows of ``tenant`` (an instance or its primary key)."""
        key = tenant.pk if isinstance(tenant, Tenant) else tenant
        named = self.filter(tenant_id=key)
        named.query.tenant_id = key  # type: ignore[attr-defined]  # for lib.postgresql.compiler
        return named


class TenantManager(models.Manager[M]):
    """Refuses to build a queryset before a tenant is named.

    ``Model.objects.for_tenant(tenant)`` is the way in.  ``Model.objects.filter(...)`` raises `UnscopedQueryError`, unless the
    surrounding block is a `tenant_scope()` or `cross_tenant()`.
    """

    def get_queryset(self) -> TenantQuerySet[M]:
        named = named_tenant()
        if named is None:
            raise UnscopedQueryError(
                f"{self.model._meta.label}.objects needs a tenant: use .for_tenant(tenant), or cross_tenant(reason) where rows of "
                "every tenant are really meant."
            )
        return self._unscoped() if named == EVERY_TENANT else self.for_tenant(named)

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

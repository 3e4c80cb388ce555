"""The ambient tenancy net: what an unscoped query may see.

The walls are explicit (`for_tenant()`, composite keys); this net only catches a forgotten one.  It is deliberately not carried into
executor threads or streaming bodies: there, nothing but an explicit tenant works.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tenants.models import Tenant

audit_log = logging.getLogger("chatplatform.audit")


class UnscopedQueryError(RuntimeError):
    """A query on tenant-owned rows named no tenant."""


class _AllTenants:
    """Marks a scope opened by :func:`cross_tenant`."""


ALL_TENANTS = _AllTenants()
_scope: ContextVar[Tenant | int | _AllTenants | None] = ContextVar("tenant_scope", default=None)


def current_scope() -> Tenant | int | _AllTenants | None:
    """The ambient tenant (or its id), :data:`ALL_TENANTS`, or None."""
    return _scope.get()


@contextmanager
def tenant_scope(tenant: Tenant | int) -> Iterator[None]:
    """Run a block in which an unscoped query means this tenant (admin forms, commands)."""
    token = _scope.set(tenant)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def cross_tenant(reason: str) -> Iterator[None]:
    """The only door to rows of all tenants; ``reason`` goes to the audit log.

    Raises:
        ValueError: without a reason.
    """
    if not reason.strip():
        raise ValueError("cross_tenant() needs a reason")
    audit_log.info("cross-tenant access: %s", reason)
    token = _scope.set(ALL_TENANTS)
    try:
        yield
    finally:
        _scope.reset(token)

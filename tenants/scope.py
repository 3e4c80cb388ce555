"""For whom a block works: what a query that names no tenant may see, and what the database is told (`lib.tenant_setting`).

It is deliberately not carried into executor threads or streaming bodies: there, nothing but an explicit tenant works.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chatplatform.lib.tenant_setting import EVERY_TENANT, for_tenant

if TYPE_CHECKING:
    from tenants.models import Tenant

audit_log = logging.getLogger("chatplatform.audit")


class UnscopedQueryError(RuntimeError):
    """A query on tenant-owned rows named no tenant."""


@contextmanager
def tenant_scope(tenant: Tenant | int) -> Iterator[None]:
    """Run a block in which nothing but this tenant's rows exists (admin forms, commands)."""
    with for_tenant(tenant if isinstance(tenant, int) else tenant.pk):
        yield


@contextmanager
def cross_tenant(reason: str) -> Iterator[None]:
    """The only door to rows of all tenants; ``reason`` goes to the audit log.

    Raises:
        ValueError: without a reason.
    """
    if not reason.strip():
        raise ValueError("cross_tenant() needs a reason")
    audit_log.info("cross-tenant access: %s", reason)
    with for_tenant(EVERY_TENANT):
        yield

"""Which tenant a host belongs to."""

from __future__ import annotations

import time

from tenants.models import Domain, Tenant
from tenants.scope import cross_tenant

#: How long an answer is remembered, in seconds: a new or removed domain takes effect after it, at the latest.
REMEMBERED = 10.0
_MOST_HOSTS = 10_000
_known: dict[str, tuple[float, str | None]] = {}


def tenant_slug_of_host(host: str) -> str | None:
    """The slug of the tenant whose domain ``host`` is (any port), or None for a shared host.  One query when not remembered."""
    name = host.rsplit(":", 1)[0].lower() if not host.endswith("]") else host
    found = _known.get(name)
    now = time.monotonic()
    if found is None or found[0] < now:
        if len(_known) >= _MOST_HOSTS:
            _known.clear()
        found = _known[name] = (now + REMEMBERED, _look_up(name))
    return found[1]


def remembered_slug(host: str) -> tuple[bool, str | None]:
    """Whether the answer for ``host`` is remembered, and the answer; never asks the database."""
    name = host.rsplit(":", 1)[0].lower() if not host.endswith("]") else host
    found = _known.get(name)
    return (True, found[1]) if found is not None and found[0] >= time.monotonic() else (False, None)


def forget() -> None:
    """Ask the database again (after a domain was changed in this process)."""
    _known.clear()


def _look_up(name: str) -> str | None:
    with cross_tenant("tenant of a host"):
        domain = Domain.objects.filter(host=name).select_related("tenant").first()
    return domain.tenant.slug if domain is not None and domain.tenant.status == Tenant.Status.ACTIVE else None

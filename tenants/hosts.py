"""Which tenant a host belongs to."""

from __future__ import annotations

import time

from chatplatform.lib.db_pool import fetch

#: How long an answer is remembered, in seconds: a new or removed domain takes effect after it, at the latest.
REMEMBERED = 10.0
_MOST_HOSTS = 10_000
_known: dict[str, tuple[float, str | None]] = {}


def tenant_slug_of_host(host: str) -> str | None:
    """The slug of the tenant whose domain ``host`` is (any port), or None for a shared host.  One query when not remembered."""
    is_known, slug = remembered_slug(host)
    if not is_known:
        slug = _look_up(_name(host))
        if len(_known) >= _MOST_HOSTS:
            _known.clear()
        _known[_name(host)] = (time.monotonic() + REMEMBERED, slug)
    return slug


def remembered_slug(host: str) -> tuple[bool, str | None]:
    """Whether the answer for ``host`` is remembered, and the answer; never asks the database."""
    until, slug = _known.get(_name(host), (0.0, None))
    return until >= time.monotonic(), slug


def forget() -> None:
    """Ask the database again (after a domain was changed in this process)."""
    _known.clear()


def _name(host: str) -> str:
    """A host without its port; an IPv6 address keeps its brackets."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


def _look_up(name: str) -> str | None:
    # By its unique host: this is where a request learns its tenant, so that there is none to name yet.
    rows = fetch(
        "SELECT t.slug FROM tenants_domain d JOIN tenants_tenant t ON t.id = d.tenant_id "
        "WHERE lower(d.host) = %s AND t.status = 'active'",
        (name,),
        across="a host says which tenant it is",
    )
    return rows[0][0] if rows else None

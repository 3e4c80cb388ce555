"""Which tenant a host belongs to, and which hosts are answered at all."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.conf import settings
from django.http.request import split_domain_port, validate_host  # noqa: TID251 - how Django reads a host

from chatplatform.lib.db_pool import fetch
from tenants.models.tenant import SLUG

#: How long an answer is remembered, in seconds: a new or removed domain takes effect after it, at the latest.
REMEMBERED = 10.0
_MOST_HOSTS = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """What a host is: a tenant's own, shared by all tenants (no slug), or nobody's.

    ``is_foreign``: its name belongs to the tenant, which may point it at a server of its own any day.  Those below
    `TENANT_BASE_HOST` belong to the platform.
    """

    slug: str | None = None
    is_served: bool = True
    is_foreign: bool = False


_NOBODYS = Place(is_served=False)
_known: dict[str, tuple[float, Place]] = {}


def place_of(host: str) -> Place:
    """What ``host`` (with any port) is.  Up to two queries when it is not remembered."""
    place = remembered(host)
    if place is None:
        place = _look_up(name_of(host))
        if len(_known) >= _MOST_HOSTS:
            _known.clear()
        _known[name_of(host)] = (time.monotonic() + REMEMBERED, place)
    return place


def remembered(host: str) -> Place | None:
    """What it is, where that is remembered or needs no database."""
    name = name_of(host)
    if not name:
        return _NOBODYS
    if name in settings.SHARED_HOSTS:
        return Place()
    until, place = _known.get(name, (0.0, _NOBODYS))
    return place if until >= time.monotonic() else None


def tenant_slug_of_host(host: str) -> str | None:
    """The slug of the tenant whose own host it is, or None."""
    return place_of(host).slug


def name_of(host: str) -> str:
    """A host without its port, or nothing where it is none; an IPv6 address keeps its brackets."""
    return str(split_domain_port(host)[0])


def forget() -> None:
    """Ask the database again (after a domain was changed in this process)."""
    _known.clear()


def _look_up(name: str) -> Place:
    # By its unique host: this is where a request learns its tenant, so that there is none to name yet.
    rows = fetch(
        "SELECT t.slug, t.status FROM tenants_domain d JOIN tenants_tenant t ON t.id = d.tenant_id "
        "WHERE lower(d.host) = %s AND d.verified_at IS NOT NULL",
        (name,),
        across="a host says which tenant it is",
    )
    slug = name.removesuffix(f".{settings.TENANT_BASE_HOST}") if settings.TENANT_BASE_HOST else name
    is_below = slug != name and SLUG.fullmatch(slug) is not None
    if not rows and is_below:
        rows = fetch("SELECT slug, status FROM tenants_tenant WHERE slug = %s", (slug,))
    if rows:
        return Place(rows[0][0], is_foreign=not is_below) if rows[0][1] == "active" else _NOBODYS
    return Place() if not is_below and validate_host(name, settings.SHARED_HOSTS) else _NOBODYS

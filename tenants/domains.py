"""Verbs on domains: each does the write and its line in the audit trail.

The caller has asked `tenants.permissions`, and says with `acting_as()` who it is.
"""

from __future__ import annotations

import dns.exception
import dns.nameserver
import dns.resolver
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from tenants import hosts
from tenants.models import AuditEvent, Domain, Tenant

#: Seconds in which name servers must have answered.
PATIENCE = 5.0


def verify(domain: Domain) -> None:
    """Serve the tenant on a host whose owner has put the domain's token into its DNS.  The first one is the primary one.

    Raises:
        ValidationError: the token is not there, or the host serves another tenant.
    """
    if domain.verified_at is not None:
        return
    if domain.record_text not in _texts_of(domain.record_name):
        raise ValidationError(
            f"There is no TXT record {domain.record_name} with this text yet. New ones may take an hour."
        )
    domain.verified_at = timezone.now()
    try:
        with transaction.atomic():
            _lock(domain.tenant_id)
            domain.save(update_fields=["verified_at"])
            AuditEvent.record(domain.tenant_id, "domain.verify", domain)
            appoint(domain.tenant_id)
    except IntegrityError:
        domain.verified_at = None
        raise ValidationError(f"{domain.host} serves another tenant. Ask whoever runs this platform.") from None
    hosts.forget()


@transaction.atomic
def make_primary(domain: Domain) -> None:
    """Let links to the tenant's chat name this host.

    Raises:
        ValidationError: it is not verified.
    """
    _lock(domain.tenant_id)
    domain.refresh_from_db()
    if domain.verified_at is None:
        raise ValidationError(f"{domain.host} serves nothing yet: verify it first.")
    if domain.is_primary:
        return
    _of(domain.tenant_id).filter(is_primary=True).update(is_primary=False)
    domain.is_primary = True
    domain.save(update_fields=["is_primary"])
    AuditEvent.record(domain.tenant_id, "domain.make_primary", domain)


def appoint(tenant_id: int) -> None:
    """Make the oldest of a tenant's verified hosts the primary one, where none is: after one was verified or removed."""
    serving = _of(tenant_id).filter(verified_at__isnull=False).order_by("pk")
    first = serving.first()
    if first is not None and not serving.filter(is_primary=True).exists():
        first.is_primary = True
        first.save(update_fields=["is_primary"])


def primary_host(tenant_id: int) -> str:
    """The name that comes first among a tenant's own, or an empty text.  One query."""
    return _of(tenant_id).filter(is_primary=True).values_list("host", flat=True).first() or ""


def _of(tenant_id: int) -> QuerySet[Domain]:
    return Domain.objects.for_tenant(tenant_id)


def _lock(tenant_id: int) -> None:
    """One change of a tenant's hosts at a time."""
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant_id)


def _texts_of(name: str) -> set[str]:
    """The TXT records of a name; none where nobody answers."""
    resolver = dns.resolver.Resolver(configure=not settings.DNS_SERVERS)
    if settings.DNS_SERVERS:
        servers = [one.rpartition(":") if ":" in one else (one, "", "53") for one in settings.DNS_SERVERS]
        resolver.nameservers = [dns.nameserver.Do53Nameserver(address, int(port)) for address, _, port in servers]
    try:
        answer = resolver.resolve(name, "TXT", lifetime=PATIENCE, search=False)
    except dns.exception.DNSException:
        return set()
    return {b"".join(record.strings).decode("ascii", "replace") for record in answer}

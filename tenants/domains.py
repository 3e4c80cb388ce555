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
from django.utils import timezone

from tenants import hosts
from tenants.models import AuditEvent, Domain

#: Seconds in which name servers must have answered.
PATIENCE = 5.0


def verify(domain: Domain) -> None:
    """Serve the tenant on a host whose owner has put the domain's token into its DNS.

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
            domain.save(update_fields=["verified_at"])
            AuditEvent.record(domain.tenant_id, "domain.verify", domain)
    except IntegrityError:
        domain.verified_at = None
        raise ValidationError(f"{domain.host} serves another tenant. Ask whoever runs this platform.") from None
    hosts.forget()


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

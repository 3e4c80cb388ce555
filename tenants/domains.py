"""Verbs on domains: each does the write and its line in the audit trail.

The caller has asked `tenants.permissions`, and says with `acting_as()` who it is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

import dns.exception
import dns.nameserver
import dns.resolver
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tenants import hosts
from tenants.models import AuditEvent, Domain, Tenant

#: Seconds in which name servers must have answered.
PATIENCE: Final = 5.0
#: How often a record is looked for.
EVERY: Final = timedelta(hours=12)
#: What became of one.
Seen = Literal["there", "missing", "ended", "unknown", "never there"]


def verify(domain: Domain) -> None:
    """Serve the tenant on a host whose owner has put the domain's token into its DNS, and watch that it stays there.

    The first one is the primary one.  One that serves already is looked at again.

    Raises:
        ValidationError: the token is not there, or the host serves another tenant.
    """
    if domain.record_text not in (_texts_of(domain.record_name) or ()):
        raise ValidationError(
            f"There is no TXT record {domain.record_name} with this text yet. New ones may take an hour."
        )
    is_new, now = domain.verified_at is None, timezone.now()
    try:
        with transaction.atomic():
            _lock(domain.tenant_id)
            _of(domain.tenant_id).filter(pk=domain.pk).update(
                verified_at=domain.verified_at or now, record_seen_at=now, record_missing_since=None
            )
            if is_new:
                AuditEvent.record(domain.tenant_id, "domain.verify", domain)
            appoint(domain.tenant_id)
            transaction.on_commit(lambda: watch(domain))
    except IntegrityError:
        raise ValidationError(f"{domain.host} serves another tenant. Ask whoever runs this platform.") from None
    domain.refresh_from_db()
    hosts.forget()


def look_again(domain: Domain) -> Seen:
    """See whether the owner of a verified host still says that it is this tenant's.

    Where the record stays away for `DOMAIN_GRACE_DAYS`, the host serves the tenant no longer: its name may be somebody else's by
    now.  Where no name server answers, nothing changes.
    """
    texts, now = _texts_of(domain.record_name), timezone.now()
    if texts is None:
        return "unknown"
    serving = _of(domain.tenant_id).filter(pk=domain.pk, verified_at__isnull=False)
    if domain.record_text in texts:
        serving.update(record_seen_at=now, record_missing_since=None)
        return "there"
    if domain.record_seen_at is None:
        return "never there"
    if domain.ends_at is not None and domain.ends_at <= now:
        return "ended" if _withdraw(domain) else "there"
    with transaction.atomic():
        if serving.filter(record_missing_since=None).update(record_missing_since=now):
            AuditEvent.record(domain.tenant_id, "domain.record_missing", domain)
    return "missing"


def watch(domain: Domain) -> None:
    """Have the worker look at its record again and again; one task that waits is enough."""
    from tenants.tasks import look_at_domain

    waiting = DBTaskResult.objects.filter(
        task_path=look_at_domain.module_path, status="READY", args_kwargs__args=[domain.tenant_id, domain.pk]
    )
    if not waiting.exists():
        look_at_domain.using(run_after=timezone.now() + EVERY).enqueue(domain.tenant_id, domain.pk)


@transaction.atomic
def _withdraw(domain: Domain) -> bool:
    """Whether it still had to be: somebody else may have seen its record while we looked for it."""
    since = {"record_missing_since": domain.record_missing_since}
    _lock(domain.tenant_id)
    missed = _of(domain.tenant_id).filter(pk=domain.pk, verified_at__isnull=False, **since)
    if not missed.update(verified_at=None, is_primary=False):
        return False
    AuditEvent.record(domain.tenant_id, "domain.withdraw", domain, before=since)
    appoint(domain.tenant_id)
    transaction.on_commit(hosts.forget)
    return True


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


def _texts_of(name: str) -> set[str] | None:
    """The TXT records of a name; None where nobody answers."""
    resolver = dns.resolver.Resolver(configure=not settings.DNS_SERVERS)
    if settings.DNS_SERVERS:
        servers = [one.rpartition(":") if ":" in one else (one, "", "53") for one in settings.DNS_SERVERS]
        resolver.nameservers = [dns.nameserver.Do53Nameserver(address, int(port)) for address, _, port in servers]
    try:
        answer = resolver.resolve(name, "TXT", lifetime=PATIENCE, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return set()
    except dns.exception.DNSException:
        return None
    return {b"".join(record.strings).decode("ascii", "replace") for record in answer}

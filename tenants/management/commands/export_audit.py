"""`manage.py export_audit`: a tenant's audit trail as JSON lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tenants.acting import Actor, acting_as
from tenants.models import AuditEvent, Tenant


class Command(BaseCommand):
    """Reads in pieces, so that a long trail needs no memory; that it was taken out is the trail's last event."""

    help = "Write a tenant's audit trail to the standard output, oldest event first, as JSON lines."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="The tenant's slug.")
        parser.add_argument("--since", type=_day, help="Only events from this day on, as 2026-01-31.")

    def handle(self, *args: Any, tenant: str, since: datetime | None, **options: Any) -> None:
        found = Tenant.objects.filter(slug=tenant).first()
        if found is None:
            raise CommandError(f"There is no tenant {tenant!r}.")
        events = AuditEvent.objects.for_tenant(found).order_by("id")
        if since is not None:
            events = events.filter(created_at__gte=since)
        for event in events.iterator():
            self.stdout.write(event.as_json())
        with acting_as(Actor("command", "export_audit")):
            AuditEvent.record(found.pk, "auditevent.export")


def _day(text: str) -> datetime:
    return timezone.make_aware(datetime.strptime(text, "%Y-%m-%d"))  # noqa: DTZ007 - made aware at once

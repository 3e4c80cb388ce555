"""`manage.py check_domains`: see whether the verified hosts of all tenants still are theirs."""

from __future__ import annotations

from typing import Any, Final

from tenants import domains
from tenants.acting import Actor, acting_as
from tenants.management.scriptable import ScriptableCommand
from tenants.models import Domain
from tenants.scope import cross_tenant, tenant_scope

_WORDS: Final[dict[domains.Seen, str]] = {
    "there": "its record is there",
    "missing": "its record is missing",
    "ended": "its record stayed away, and it serves no longer",
    "unknown": "no name server answers",
    "never there": "its record was never seen: staff added it",
}


class Command(ScriptableCommand):
    """The worker does the same twice a day; this is for whoever wants to know now."""

    help = "Look for the TXT records of all verified hosts, and end those whose records have been missing for too long."

    def handle(self, *args: Any, **options: Any) -> None:
        with cross_tenant("check_domains"):
            serving = Domain.objects.filter(verified_at__isnull=False).select_related("tenant")
            found = list(serving.order_by("tenant_id", "host"))
        seen: dict[str, domains.Seen] = {}
        for domain in found:
            with tenant_scope(domain.tenant_id), acting_as(Actor("command", "check_domains")):
                domains.watch(domain)
                seen[domain.host] = domains.look_again(domain)
        lines = [f"{one.host} of {one.tenant.slug}: {_WORDS[seen[one.host]]}." for one in found]
        self.say("\n".join(lines) or "No tenant has a host of its own.", domains=seen)

"""`manage.py suspend_tenant`: close a tenant at once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.management.base import CommandError, CommandParser

from tenants import actions
from tenants.acting import Actor, acting_as
from tenants.management.scriptable import ScriptableCommand, tenant_of


class Command(ScriptableCommand):
    help = "Close a tenant at once: its chats, its members' admin, answers that are being written; its data stay."
    name: ClassVar[str] = "suspend_tenant"
    verb = staticmethod(actions.suspend_tenant)
    done: ClassVar[str] = "is suspended"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="The tenant's slug.")
        parser.add_argument("--reason", required=True, help="Why; its people read it in their audit trail.")

    def handle(self, *args: Any, tenant: str, reason: str, **options: Any) -> None:
        found = tenant_of(tenant)
        if not reason.strip():
            raise CommandError("Say why: --reason is empty.")
        with acting_as(Actor("command", self.name)):
            self.verb(found, reason.strip())
        self.say(f"{found} {self.done}.", tenant=found.slug, status=found.status)

"""`manage.py delete_tenant`: a tenant goes, with everything of it."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import IntegrityError, transaction
from tqdm import tqdm

from chat.stores import deletion, files
from tenants import actions
from tenants.acting import Actor, acting_as
from tenants.management.scriptable import ScriptableCommand, tenant_of
from tenants.models import PlatformEvent, Tenant


class Command(ScriptableCommand):
    """Safe beside a live server.  A run that was killed is followed by another, which goes on where it ended."""

    help = "Delete a tenant with all its rows, files and keys.  Nothing brings it back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="The tenant's slug.")
        parser.add_argument("--reason", default="", help="Why; the platform's audit trail keeps it.")
        parser.add_argument("--dry-run", action="store_true", help="Count, and delete nothing.")
        parser.add_argument("--confirm", metavar="SLUG", help="The slug once more, instead of typing it in.")
        parser.add_argument("--batch-size", type=int, default=1000, help="Rows of one transaction (default 1000).")

    def handle(
        self, *args: Any, tenant: str, reason: str, dry_run: bool, confirm: str | None, batch_size: int, **options: Any
    ) -> None:
        if batch_size < 1:
            raise CommandError("--batch-size must be at least 1.")
        found = tenant_of(tenant)
        counted = {name: number for name, number in deletion.count(found).items() if number}
        if dry_run:
            rows = "".join(f"\n{number:>10}  {name}" for name, number in counted.items())
            self.say(f"{found} would go, and with it:{rows}", tenant=found.slug, would_delete=counted)
            return
        self._check(found, confirm)
        with acting_as(Actor("command", "delete_tenant")):
            self._delete(found, reason, sum(counted.values()), batch_size)
        self.say(f"{found} is gone.", tenant=found.slug, deleted=counted)

    def _check(self, tenant: Tenant, confirm: str | None) -> None:
        """Raises: CommandError: nobody typed the slug."""
        if confirm is None and sys.stdin.isatty():
            confirm = input(f"Nothing brings {tenant.name} back. Type its slug to delete it: ").strip()
        if confirm != tenant.slug:
            raise CommandError(f"Nothing was deleted. Confirm it with --confirm {tenant.slug}.")

    def _delete(self, tenant: Tenant, reason: str, total: int, batch_size: int) -> None:
        actions.suspend_tenant(tenant, reason or "It is being deleted.")
        deletion.destroy_key(tenant)
        with tqdm(total=total, unit=" rows", disable=None, file=sys.stderr) as progress:
            # An answer that was being written may have left something while its table was done.
            for _attempt in range(10):
                for table, removed in deletion.remove_rows(tenant, batch_size):
                    progress.set_postfix_str(table)
                    progress.update(removed)
                for path in [*deletion.files_of(tenant.pk)]:
                    files.storage().delete(path)
                    progress.update(1)
                if self._remove_last(tenant, reason):
                    return
        raise CommandError(f"{tenant} still gets new rows. Run it again in a minute.")

    @staticmethod
    def _remove_last(tenant: Tenant, reason: str) -> bool:
        """Delete the tenant's own row, unless something points to it again."""
        try:
            with transaction.atomic():
                PlatformEvent.record(
                    "tenant.delete", tenant, before={"slug": tenant.slug, "name": tenant.name}, reason=reason
                )
                deletion.remove_tenant(tenant)
        except IntegrityError:
            return False
        return True

"""`manage.py rotate_keys`: bring the tenants' data keys, and the second factors of logins, under the newest key."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from tenants.acting import Actor, acting_as
from tenants.crypto import UnreadableSecretError, primary_key_id, rewrap
from tenants.management.scriptable import ScriptableCommand
from tenants.models import AuditEvent, DataKey, PlatformEvent
from tenants.scope import cross_tenant, tenant_scope


class Command(ScriptableCommand):
    """One transaction for each tenant; safe beside a live server, and may be repeated."""

    help = "Encrypt the tenants' data keys under the first of ENCRYPTION_KEYS, so that the others can be removed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--forget",
            metavar="TENANT",
            type=int,
            nargs="+",
            default=[],
            help="Destroy the data keys of these tenants, which no key opens, so that secrets can be stored anew.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Count, and change nothing.")

    def handle(self, *args: Any, dry_run: bool, forget: list[int], **options: Any) -> None:
        try:
            newest = primary_key_id()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        with cross_tenant("rotate_keys"):
            keys = DataKey.objects.order_by("tenant_id")
            lost = [key.tenant_id for key in keys if not key.can_be_opened()]
            tenants = [key.tenant_id for key in keys if key.key_id != newest and key.tenant_id not in lost]
        if named := ", ".join(str(tenant) for tenant in forget if tenant not in lost):
            raise CommandError(f"Nothing was changed: the data keys of these tenants are not lost: {named}.")
        destroyed = f", {len(forget)} destroyed" if forget else ""
        if dry_run:
            said = f"{len(tenants)} data keys would be changed{destroyed}."
            self.say(said, would_change=len(tenants), would_destroy=forget, unreadable=lost)
            return
        for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
            self._rewrap_factor(pk)
        changed = len([tenant for tenant in tenants if self._rewrap(tenant)])
        if changed:
            with acting_as(Actor("command", "rotate_keys")):
                PlatformEvent.record("datakey.rotate", after={"changed": changed, "key_id": newest})
        for tenant in forget:
            self._forget(tenant)
        unreadable = [tenant for tenant in lost if tenant not in forget]
        self.say(f"{changed} data keys changed{destroyed}.", changed=changed, destroyed=forget, unreadable=unreadable)
        if unreadable:
            named = ", ".join(str(tenant) for tenant in unreadable)
            raise CommandError(f"No key of ENCRYPTION_KEYS opens the data keys of these tenants: {named}.")

    def _rewrap(self, tenant_id: int) -> bool:
        """Whether the tenant's data key could be opened."""
        with tenant_scope(tenant_id), transaction.atomic():
            key = DataKey.objects.for_tenant(tenant_id).select_for_update().first()
            try:
                if key is not None:  # it was not deleted meanwhile
                    key.rewrap()
            except UnreadableSecretError:
                return False
            return True

    @transaction.atomic
    def _forget(self, tenant_id: int) -> None:
        """What was encrypted with it stays unreadable, and the next secret that is stored has a new one."""
        with tenant_scope(tenant_id), acting_as(Actor("command", "rotate_keys")):
            DataKey.objects.for_tenant(tenant_id).delete()
            AuditEvent.record(tenant_id, "datakey.forget")

    def _rewrap_factor(self, pk: int) -> None:
        """One that no key opens stays as it is: its owner signs in no more with it, and staff removes it."""
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=pk).first()
            if factor is None:
                return
            try:
                sealed = {name: rewrap(factor.data[name])[0] for name in ("secret", "seed") if name in factor.data}
            except UnreadableSecretError:
                self.stderr.write(f"No key of ENCRYPTION_KEYS opens a second factor of the login {factor.user_id}.")
                return
            factor.data |= sealed
            factor.save(update_fields=["data"])

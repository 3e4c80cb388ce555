"""`manage.py set_provider_key`: give a tenant its own key for a model provider."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from chatplatform.lib.errors import PlatformError
from tenants.acting import Actor, acting_as
from tenants.models import AssistantVersion, AuditEvent, ProviderKey, Tenant
from tenants.scope import tenant_scope


class Command(BaseCommand):
    """The key is read from the standard input, so that no list of processes and no history of a shell shows it."""

    help = "Store (or remove) a tenant's own key for a model provider; it is read from the standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="The tenant's slug.")
        # `openai_chat` uses the key of `openai`.
        known = [value for value in AssistantVersion.Provider.values if value not in ("offline", "openai_chat")]
        parser.add_argument("provider", choices=known, metavar="provider", help=f"One of {', '.join(known)}.")
        parser.add_argument(
            "--base-url",
            default="",
            help="Where this tenant reaches the provider; left out: where the installation does.",
        )
        parser.add_argument("--remove", action="store_true", help="Remove it: the installation's key counts again.")

    def handle(self, *args: Any, tenant: str, provider: str, base_url: str, remove: bool, **options: Any) -> None:
        found = Tenant.objects.filter(slug=tenant).first()
        if found is None:
            raise CommandError(f"There is no tenant {tenant!r}.")
        if remove:
            self._remove(found, provider)
            self.stdout.write(self.style.SUCCESS(f"{found} has no key of its own for {provider} any more."))
            return
        secret = (getpass.getpass("Key: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()
        if not secret:
            raise CommandError("No key came in.")
        try:
            with tenant_scope(found), transaction.atomic():
                with acting_as(Actor("command", "set_provider_key")):
                    key = ProviderKey.store(found.pk, provider, secret, base_url)
                key.clean_fields()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        except PlatformError as error:
            raise CommandError(f"{error.spec.message} {error.hint}") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(self.style.SUCCESS(f"{found} now uses its own key for {key}."))

    @transaction.atomic
    def _remove(self, tenant: Tenant, provider: str) -> None:
        key = ProviderKey.objects.for_tenant(tenant).filter(provider=provider).first()
        if key is not None:
            with tenant_scope(tenant), acting_as(Actor("command", "set_provider_key")):
                AuditEvent.record(tenant.pk, "providerkey.delete", key)
                key.delete()

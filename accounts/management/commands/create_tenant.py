"""`manage.py create_tenant`: a new tenant, and the invitation of whoever owns it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from accounts import members
from tenants import actions
from tenants.acting import Actor, acting_as
from tenants.management.scriptable import ScriptableCommand
from tenants.models import Tenant
from tenants.permissions import Role


class Command(ScriptableCommand):
    help = "Create a tenant.  With --owner, somebody is invited to own it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="Its slug: a-z, 0-9 and '-'.")
        parser.add_argument("--name", help="What it is called; else its slug.")
        parser.add_argument(
            "--access", choices=Tenant.Access.values, default=Tenant.Access.MEMBERS, help="Who may chat."
        )
        parser.add_argument("--owner", metavar="EMAIL", help="Who is invited to own it.")
        parser.add_argument("--no-mail", action="store_true", help="Print the link instead of sending it.")

    def handle(self, *args: Any, tenant: str, name: str | None, access: str, owner: str | None, **options: Any) -> None:
        if owner and not settings.PUBLIC_URL:
            raise CommandError("Set PUBLIC_URL: where should the link lead?")
        try:
            with acting_as(Actor("command", "create_tenant")), transaction.atomic():
                made = actions.create_tenant(slug=tenant, name=name or tenant, access=access)
                link = self._invite(made, owner, mail=not options["no_mail"]) if owner else ""
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        shown = {"link": link} if link and options["no_mail"] else {}
        self.say(
            f"{made} is there." + "".join(f"\n{one}" for one in shown.values()),
            tenant=made.slug,
            name=made.name,
            **shown,
        )

    def _invite(self, tenant: Tenant, email: str, *, mail: bool) -> str:
        validate_email(email)
        site = settings.PUBLIC_URL.rstrip("/")
        _invitation, link = members.invite(tenant, email, Role.OWNER, by=Role.STAFF, site=site, mail=mail)
        return link

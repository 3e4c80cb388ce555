"""`manage.py invite`: ask somebody into a tenant, its first owner above all."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email

from accounts import members
from tenants.acting import Actor, acting_as
from tenants.management.scriptable import ScriptableCommand, tenant_of
from tenants.models import Membership
from tenants.permissions import Role


class Command(ScriptableCommand):
    help = "Invite somebody into a tenant by e-mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="The tenant's slug.")
        parser.add_argument("email")
        parser.add_argument("--role", choices=Membership.Role.values, default=Membership.Role.VIEWER)
        parser.add_argument("--no-mail", action="store_true", help="Print the link instead of sending it.")

    def handle(self, *args: Any, tenant: str, email: str, role: str, **options: Any) -> None:
        found = tenant_of(tenant)
        if not settings.PUBLIC_URL:
            raise CommandError("Set PUBLIC_URL: where should the link lead?")
        mail, site = not options["no_mail"], settings.PUBLIC_URL.rstrip("/")
        try:
            validate_email(email)
            with acting_as(Actor("command", "invite")):
                invitation, link = members.invite(found, email, role, by=Role.STAFF, site=site, mail=mail)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        shown = {} if mail else {"link": link}
        self.say(
            "\n".join([f"{invitation.email} is invited to {found} as {role}.", *shown.values()]),
            tenant=found.slug,
            email=invitation.email,
            role=role,
            expires_at=invitation.expires_at,
            **shown,
        )

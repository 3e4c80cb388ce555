"""`manage.py invite`: ask somebody into a tenant, its first owner above all."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts import members
from tenants.acting import Actor, acting_as
from tenants.models import Membership, Tenant
from tenants.permissions import Role


class Command(BaseCommand):
    help = "Invite somebody into a tenant by e-mail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", help="The tenant's slug.")
        parser.add_argument("email")
        parser.add_argument("--role", choices=Membership.Role.values, default=Membership.Role.VIEWER)
        parser.add_argument("--no-mail", action="store_true", help="Print the link instead of sending it.")
        parser.add_argument("--json", action="store_true", help="Say it for programs.")

    def handle(self, *args: Any, tenant: str, email: str, role: str, **options: Any) -> None:
        found = Tenant.objects.filter(slug=tenant).first()
        if found is None:
            raise CommandError(f"There is no tenant {tenant!r}.")
        if not settings.PUBLIC_URL:
            raise CommandError("Set PUBLIC_URL: where should the link lead?")
        mail, site = not options["no_mail"], settings.PUBLIC_URL.rstrip("/")
        try:
            validate_email(email)
            with acting_as(Actor("command", "invite")):
                invitation, link = members.invite(found, email, role, by=Role.STAFF, site=site, mail=mail)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        said = {
            "tenant": found.slug,
            "email": invitation.email,
            "role": role,
            "expires_at": invitation.expires_at.isoformat(),
            **({} if mail else {"link": link}),
        }
        if options["json"]:
            self.stdout.write(json.dumps(said))
        else:
            self.stdout.write(self.style.SUCCESS(f"{invitation.email} is invited to {found} as {role}."))
            if not mail:
                self.stdout.write(link)

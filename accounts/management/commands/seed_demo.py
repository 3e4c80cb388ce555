"""`manage.py seed_demo`: create the demo tenants and people."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import demo


class Command(BaseCommand):
    """Repeatable, leaves what is there, and only in DEBUG: its accounts have a known password."""

    help = "Create the demo tenants and their people (DEBUG only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--address", default="", help="Print the addresses under this one, as http://127.0.0.1:8000."
        )

    def handle(self, *args: Any, address: str, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("seed_demo makes accounts with a known password; it needs DEBUG=true.")
        demo.seed(address.rstrip("/").rpartition(":")[2] if address.count(":") == 2 else "")
        if address:
            self._print_addresses(address.rstrip("/"))
        else:
            self.stdout.write("The demo tenants are there.")

    def _print_addresses(self, address: str) -> None:
        port = address.rpartition(":")[2]
        lines = [f"\n  {self.style.SUCCESS('chatplatform is ready')}: {address}/\n"]
        for tenant in demo.DEMO:
            who = "anybody" if tenant.access == "anonymous" else "members only"
            lines.append(
                f"  {tenant.name:<15} {address}/t/{tenant.slug}/  or  http://{tenant.slug}.localhost:{port}/  ({who})"
            )
        lines.append(
            f"\n  A shop on another origin, with the chat of {demo.DEMO[0].name}: http://localhost:{port}/demo/site/"
        )
        lines.append(f"\n  Sign in at {address}/login/ (password of all: {demo.PASSWORD})")
        lines += [
            f"    {tenant.email(role):<28} {role} of {tenant.name}" for tenant in demo.DEMO for role in tenant.people
        ]
        lines.append(f"    {demo.STAFF[0]:<28} platform staff, {address}/admin/\n")
        self.stdout.write("\n".join(lines))

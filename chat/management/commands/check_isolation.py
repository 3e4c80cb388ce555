"""`manage.py check_isolation`: try on this very installation whether tenants meet."""

from __future__ import annotations

import asyncio
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser

from chat.isolation.doors import check_doors, scratch_tenant
from chat.isolation.findings import Report
from chat.isolation.tables import check_tables
from tenants.management.scriptable import ScriptableCommand
from tenants.models import Tenant


class Command(ScriptableCommand):
    """Safe beside a live server: no row of a tenant is touched, and what it makes is rolled back or deleted."""

    help = "Attack this installation from one scratch tenant to another, on every table and door, and report what came through."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--tables-only", action="store_true", help="Leave the doors out, which need committed rows."
        )

    def handle(self, *args: Any, tables_only: bool, **options: Any) -> None:
        report = Report()
        check_tables(report)
        if not tables_only:
            self._doors(report)
        tried = "".join(f"\n{number:>6}  {attack}" for attack, number in report.tried.items())
        found = "".join(f"\n  {finding}" for finding in report.findings)
        words = f"Tried:{tried}\n" + (f"\nFOUND:{found}" if found else "\nNothing came through.")
        self.say(words, tried=report.tried, findings=report.findings, is_sound=not report.findings)
        if report.findings:
            raise CommandError(f"{len(report.findings)} findings.")

    @staticmethod
    def _doors(report: Report) -> None:
        scratch: list[Tenant] = []
        tokens = []
        try:
            for _ in range(2):
                tenant, token = scratch_tenant()
                scratch.append(tenant)
                tokens.append(token)
            asyncio.run(check_doors(report, *tokens))
        finally:
            for tenant in scratch:
                call_command(
                    "delete_tenant",
                    tenant.slug,
                    confirm=tenant.slug,
                    reason="check_isolation",
                    json=True,
                    stdout=_Nowhere(),
                )


class _Nowhere:
    def write(self, _text: str) -> None:
        """What the deletion says is nobody's matter."""

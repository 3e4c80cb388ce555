"""``manage.py doctor``: look at the whole installation, and say what is wrong and what to do."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chatplatform.doctor import examine
from chatplatform.doctor.findings import Finding


class Command(BaseCommand):
    help = (
        "Looks at the whole installation: configuration, database, services, files; says what is wrong and what to do."
    )
    requires_system_checks: list[str] = []  # The doctor tells what they say.

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="", help="the public address: ask for one streamed answer there")
        parser.add_argument("--tenant", default="", help="who answers there; any tenant that takes visitors by default")
        parser.add_argument("--providers", action="store_true", help="ask each model provider, with each stored key")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, url: str, tenant: str, providers: bool, **options: Any) -> None:
        found: list[tuple[str, list[Finding]]] = []
        for part, findings in examine(url=url, tenant=tenant, with_providers=providers):
            found.append((part, findings))
            if not options["json"]:
                self._tell(part, findings)
        is_well = all(finding.level != "error" for _part, findings in found for finding in findings)
        if options["json"]:
            parts = [{"part": part, "findings": [asdict(finding) for finding in findings]} for part, findings in found]
            self.stdout.write(json.dumps({"ok": is_well, "parts": parts}, indent=2))
        if not is_well:
            sys.exit(1)

    def _tell(self, part: str, findings: list[Finding]) -> None:
        if not findings:
            self.stdout.write(f"{part:<16}{self.style.SUCCESS('ok')}")
        for finding in findings:
            style = self.style.ERROR if finding.level == "error" else self.style.WARNING
            self.stdout.write(f"{part:<16}{style(f'{finding.level:<9}{finding.code}')}")
            self.stdout.write(f"{'':<16}{finding.found}")
            if finding.fix:
                self.stdout.write(f"{'':<16}Fix: {finding.fix}")

"""Commands that people read and programs call."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from tenants.models import Tenant


class ScriptableCommand(BaseCommand):
    """With ``--json`` a command says the same as one JSON object on the standard output.

    What goes wrong is a `CommandError` in either case: a sentence on the standard error, and an exit code that is not zero.
    """

    is_json = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--json", action="store_true", help="Say it for programs.")
        return parser

    def execute(self, *args: Any, **options: Any) -> Any:
        self.is_json = bool(options.get("json"))
        return super().execute(*args, **options)

    def say(self, words: str, **facts: Any) -> None:
        """What was done: ``words`` for people, ``facts`` for programs."""
        self.stdout.write(json.dumps(facts, cls=DjangoJSONEncoder) if self.is_json else self.style.SUCCESS(words))


def tenant_of(slug: str) -> Tenant:
    """Raises: CommandError: there is none with this slug."""
    found = Tenant.objects.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no tenant {slug!r}.")
    return found

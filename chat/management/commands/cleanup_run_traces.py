"""`manage.py cleanup_run_traces`: remove the traces of runs that are old enough."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from accounts.management.commands.cleanup_sessions import age
from chat.stores import trace_queries as queries


class Command(BaseCommand):
    """Works in batches of their own transactions and passes over rows that another run holds: safe beside a live server."""

    help = "Remove traces that are older than RUN_TRACES_DAYS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count, and remove nothing.")
        parser.add_argument("--older-than", help="Only those that are at least so old, as 30d or 12h.")
        parser.add_argument("--batch-size", type=int, default=500, help="Rows of one transaction (default 500).")

    def handle(self, *args: Any, dry_run: bool, older_than: str | None, batch_size: int, **options: Any) -> None:
        if batch_size < 1:
            raise CommandError("--batch-size must be at least 1.")
        try:
            before = timezone.now() - (age(older_than) if older_than else timedelta(days=settings.RUN_TRACES_DAYS))
        except OverflowError:
            raise CommandError("That is longer than time.") from None
        total = queries.count_older(before)
        if dry_run:
            self.stdout.write(f"{total} traces would be removed.")
            return
        removed = 0
        with tqdm(total=total, unit="trace", disable=None, file=sys.stderr) as progress:
            while batch := queries.remove_older(before, batch_size):
                removed += batch
                progress.update(batch)
        self.stdout.write(self.style.SUCCESS(f"{removed} traces removed."))

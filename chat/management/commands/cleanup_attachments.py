"""`manage.py cleanup_attachments`: remove files that no message names, and bytes that no row names."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from accounts.management.commands.cleanup_sessions import age
from chat.stores import attachment_queries as queries
from chat.stores import files
from tenants.scope import tenant_scope


class Command(BaseCommand):
    """Works in batches of their own transactions and passes over rows that are being sent: safe beside a live server."""

    help = "Remove attachments that were never sent, and stored files whose attachment is gone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count, and remove nothing.")
        parser.add_argument(
            "--older-than", default="1d", help="Only what is at least so old, as 1d (the default) or 12h."
        )
        parser.add_argument("--batch-size", type=int, default=500, help="Rows of one transaction (default 500).")

    def handle(self, *args: Any, dry_run: bool, older_than: str, batch_size: int, **options: Any) -> None:
        if batch_size < 1:
            raise CommandError("--batch-size must be at least 1.")
        try:
            before = timezone.now() - age(older_than)
        except OverflowError:
            raise CommandError(f"--older-than {older_than} is longer than time.") from None
        unused = queries.count_unused(before)
        if not dry_run:
            self._remove_unused(before, unused, batch_size)
        orphans = 0
        for path in _orphans(before):
            orphans += 1
            if not dry_run:
                files.storage().delete(path)
        verb = "would be removed" if dry_run else "removed"
        self.stdout.write(f"{unused} unsent attachments and {orphans} stray files {verb}.")

    def _remove_unused(self, before: datetime, total: int, batch_size: int) -> None:
        with tqdm(total=total, unit="attachment", disable=None, file=sys.stderr) as progress:
            while batch := queries.remove_unused(before, batch_size):
                for tenant_id, attachment_id in batch:
                    files.remove(tenant_id, attachment_id)
                progress.update(len(batch))


def _orphans(before: datetime) -> Iterator[str]:
    """Paths of stored files, older than a moment, whose attachment (or document: they share the folders) is gone.

    It was deleted with its thread, or never finished.
    """
    storage = files.storage()
    for tenant in _folders(""):
        if not tenant.isdigit():
            continue
        for shard in _folders(tenant):
            folder = f"{tenant}/{shard}"
            names = storage.listdir(folder)[1]
            with tenant_scope(int(tenant)):
                known = queries.known_among(int(tenant), [files.id_in(name) for name in names])
            for name in names:
                path = f"{folder}/{name}"
                if files.id_in(name) not in known and storage.get_modified_time(path) < before:
                    yield path


def _folders(path: str) -> list[str]:
    try:
        return files.storage().listdir(path)[0]
    except FileNotFoundError:  # nothing was ever stored
        return []

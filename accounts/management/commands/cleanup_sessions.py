"""`manage.py cleanup_sessions`: remove chat sessions and logins that have ended, and what is left of visitors and identities."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from accounts import blocks, ended, host_tokens, idle
from tenants.acting import Actor, acting_as
from tenants.management.scriptable import ScriptableCommand

_AGE = re.compile(r"(\d{1,9})([smhd])")
#: Somebody who has just come has no session yet.
_ARRIVAL = timedelta(days=1)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def age(text: str) -> timedelta:
    """``30d``, ``12h``, ``15m`` or ``45s`` as a duration.

    Raises:
        CommandError: anything else.
    """
    match = _AGE.fullmatch(text)
    if match is None:
        raise CommandError(f"--older-than takes a number and s, m, h or d, as 30d; not {text!r}.")
    try:
        return timedelta(**{_UNITS[match[2]]: int(match[1])})
    except OverflowError:
        raise CommandError(f"--older-than {text} is longer than time.") from None


class Command(ScriptableCommand):
    """Works in batches of their own transactions and passes over rows that another run holds: safe beside a live server."""

    help = "Remove chat sessions and logins that have ended, and visitors of whom nothing is left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count, and remove nothing.")
        parser.add_argument(
            "--older-than", default="0s", help="Only those that ended at least so long ago, as 30d or 12h."
        )
        parser.add_argument("--batch-size", type=int, default=1000, help="Rows of one transaction (default 1000).")

    def handle(self, *args: Any, dry_run: bool, older_than: str, batch_size: int, **options: Any) -> None:
        if batch_size < 1:
            raise CommandError("--batch-size must be at least 1.")
        try:
            moment = timezone.now() - age(older_than)
        except OverflowError:
            raise CommandError(f"--older-than {older_than} is longer than time.") from None
        total, arrived = ended.count_ended(moment), min(moment, timezone.now() - _ARRIVAL)
        if dry_run:
            visitors, logins = idle.count_idle(arrived), ended.count_ended_logins(moment)
            words = (
                f"{total} chat sessions would be removed, {logins} expired logins, "
                f"and {visitors} visitors of whom nothing is left."
            )
            self.say(words, would_remove={"sessions": total, "logins": logins, "visitors": visitors})
            return
        removed = 0
        with tqdm(total=total, unit="session", disable=None, file=sys.stderr) as progress:
            while batch := ended.remove_ended(moment, batch_size):
                removed += batch
                progress.update(batch)
        identities, expired = host_tokens.remove_ended(moment), blocks.remove_expired(moment)
        visitors = logins = 0
        while batch := ended.remove_ended_logins(moment, batch_size):
            logins += batch
        with acting_as(Actor("command", "cleanup_sessions")):
            while batch := idle.remove_idle(arrived, batch_size):
                visitors += batch
        words = f"{removed} chat sessions removed, {logins} expired logins, and {visitors} visitors of whom nothing is left."
        counts = {
            "sessions": removed,
            "logins": logins,
            "visitors": visitors,
            "identities": identities,
            "blocks": expired,
        }
        self.say(words, removed=counts)

"""``manage.py write_reference``: write the pages of docs/reference/ that the code knows."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatplatform.reference import PAGES


class Command(BaseCommand):
    help = "Writes the pages of docs/reference/ that are made of the code: the errors, the rate limits, and the API as OpenAPI."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only look whether they are up to date, and fail if not"
        )

    def handle(self, *, check: bool, **_: Any) -> None:
        folder = settings.BASE_DIR / "docs" / "reference"
        for name, text_of in PAGES.items():
            file, text = folder / name, text_of()
            if file.exists() and file.read_text(encoding="utf-8") == text:
                continue
            if check:
                raise CommandError(f"docs/reference/{name} is out of date: run manage.py write_reference.")
            file.write_text(text, encoding="utf-8")
            self.stdout.write(f"wrote docs/reference/{name}")

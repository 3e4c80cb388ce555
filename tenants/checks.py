"""System checks of the tenants' walls: ``manage.py check --deploy --database default``."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import connections

from chatplatform.lib.problems.checks import CHECKS
from tenants.walls import open_tables, own_tables


@register(Tags.database, deploy=True)
def tables_have_the_wall(databases: Sequence[str] | None = None, **_: Any) -> Iterable[CheckMessage]:
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            missing = open_tables(cursor)
        if missing:
            hint = CHECKS["tenants.E001"].fix
            yield Error(f"Row-level security is missing on {', '.join(missing)}.", hint=hint, id="tenants.E001")


@register(Tags.database, deploy=True)
def server_cannot_pull_it_down(databases: Sequence[str] | None = None, **_: Any) -> Iterable[CheckMessage]:
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            has_own = bool(own_tables(cursor))
        if has_own:
            hint = CHECKS["tenants.W001"].fix
            yield Caution(
                "The role of the server owns the tenants' tables, so that it could switch row-level security off.",
                hint=hint,
                id="tenants.W001",
            )

"""`manage.py migrate`: Django's, as the owner of the tables."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from chatplatform.lib.database import as_owner, lend_tables


class Command(migrate.Command):
    """Where `DATABASE_OWNER_URL` names an owner, the role of the server may read and write rows afterwards, and no more."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        server = connection.settings_dict["USER"]
        with as_owner(connection):
            super().handle(*args, **options)
            if connection.settings_dict["USER"] != server:
                lend_tables(connection, server)

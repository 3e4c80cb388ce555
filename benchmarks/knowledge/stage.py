"""A database of its own, made anew for each run, in which the platform itself runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from chatplatform.lib.embedded_postgres import EmbeddedPostgres

DATABASE = "chatplatform_bench_knowledge"


@contextmanager
def database() -> Iterator[None]:
    """Django, set up on the database; nothing of the platform may be imported before."""
    server = EmbeddedPostgres()
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    os.environ["DATABASE_URL"] = server.url_of(DATABASE)
    os.environ["DEBUG"] = "true"
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatplatform.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    try:
        yield
    finally:
        from chatplatform.lib.db_pool import close_all

        close_all()
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(DATABASE)))

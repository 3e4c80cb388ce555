"""Databases of tests: their addresses, and how to empty them fast."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.errors import DeadlockDetected

from chatplatform.lib.tenant_setting import EVERY_TENANT, SETTING

# Django fills these when it creates a test database, and they describe code, not data.
KEPT_TABLES = ["django_migrations", "django_content_type", "auth_permission"]

_FILLED_TABLES = """
    SELECT quote_ident(relname)
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
      AND relkind = 'r'
      AND pg_relation_size(oid) > 0
      AND relname <> ALL(%s)
"""


def url_of(database: BaseDatabaseWrapper = connection) -> str:
    """The ``DATABASE_URL`` of a connection, for a process of its own."""
    settings: dict[str, Any] = database.settings_dict
    password = f":{quote(settings['PASSWORD'], safe='')}" if settings.get("PASSWORD") else ""
    host = f"?host={quote(str(settings['HOST']), safe='')}&port={settings['PORT'] or 5432}"
    return f"postgresql://{quote(settings['USER'], safe='')}{password}@/{quote(settings['NAME'])}{host}"


def hurry() -> None:
    """Let nobody wait for the disk; a test database need not survive a crash of its server."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(str(connection.settings_dict["NAME"]))
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    connection.close()


_tests_see: list[str] = [EVERY_TENANT]


def see_everything() -> None:
    """Let the test's own thread see the rows of every tenant; those that serve it and other processes do not."""
    options = {**connection.settings_dict.get("OPTIONS", {}), "options": f"-c {SETTING}={EVERY_TENANT}"}
    connection.close()
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
    connection_created.connect(_look)


def _look(sender: object, connection: BaseDatabaseWrapper, **_: Any) -> None:
    if threading.current_thread() is threading.main_thread():
        with connection.cursor() as cursor:
            cursor.execute(f"SET {SETTING} = '{_tests_see[-1]}'")


@contextmanager
def as_the_platform() -> Iterator[None]:
    """What the platform does in the test's thread, called as a command or sent a request, sees what it sees elsewhere."""
    _tests_see.append("")
    _look_again()
    try:
        yield
    finally:
        _tests_see.pop()
        _look_again()


def _look_again() -> None:
    if connection.connection is not None and not connection.connection.closed and not connection.needs_rollback:
        _look(None, connection)


def truncate() -> None:
    """Empty the tables that hold anything.

    A table's size tells, as row-level security hides rows but not files. Sequences go on: a server process that outlives
    the test never meets an old key again with a new meaning.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FILLED_TABLES, [KEPT_TABLES])
        tables = [name for (name,) in cursor.fetchall()]
        if tables:
            cursor.execute("SET lock_timeout = '20s'")  # Say so instead of hanging, when a server holds a table.
            _truncate(f"TRUNCATE {', '.join(tables)} CASCADE")
            cursor.execute("RESET lock_timeout")


def _truncate(statement: str, attempts: int = 5) -> None:
    """A server may still work on what the last page asked for; the one whom PostgreSQL chooses to end a deadlock tries again."""
    for last in range(attempts - 1, -1, -1):
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
        except OperationalError as error:
            if last and isinstance(error.__cause__, DeadlockDetected):
                continue
            raise
        return


def disconnect_others() -> None:
    """End other sessions of this database, as those of worker threads, which would keep it from being dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

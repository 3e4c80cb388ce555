"""Databases of tests: their addresses, and how to empty them fast."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.errors import DeadlockDetected, ForeignKeyViolation

from chatplatform.lib.tenant_setting import EVERY_TENANT, SETTING

#: Row by row, children first: `TRUNCATE` would make new files for each table that refers to one of them, which is all tables and
#: takes five times as long.  A table's size tells whether it ever held anything.
_EMPTY = """
DO $$
DECLARE
    name text;
    only_grows bool;
BEGIN
    FOR name, only_grows IN
        SELECT quote_ident(relname), relname IN ('tenants_auditevent', 'tenants_platformevent')
          FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
           AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
         ORDER BY 2 DESC, oid DESC
    LOOP
        IF only_grows THEN
            EXECUTE 'ALTER TABLE ' || name || ' DISABLE TRIGGER USER';
            EXECUTE 'TRUNCATE ' || name;
            EXECUTE 'ALTER TABLE ' || name || ' ENABLE TRIGGER USER';
        ELSE
            EXECUTE 'DELETE FROM ' || name;
        END IF;
    END LOOP;
END $$"""


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


def empty(attempts: int = 5) -> None:
    """Delete all data; what Django fills when it creates a database describes code, and stays.

    Sequences go on: a server process that outlives the test never meets an old key again with a new meaning.  A server may still
    work on what the last page asked for: whom PostgreSQL chooses to end a deadlock, or who finds a row that came in between, tries
    again.
    """
    for last in range(attempts - 1, -1, -1):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                # Say so instead of hanging, when a server holds a table; and see the rows of every tenant, whatever the test set.
                cursor.execute(f"SET LOCAL lock_timeout = '20s'; SET LOCAL {SETTING} = '{EVERY_TENANT}'")
                cursor.execute(_EMPTY)
        except (IntegrityError, OperationalError) as error:
            if last and isinstance(error.__cause__, DeadlockDetected | ForeignKeyViolation):
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

"""What the platform asks of its PostgreSQL, and how it says so to people: in one sentence, not a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper

from chatplatform.lib.tenant_setting import EVERY_TENANT, SETTING

OLDEST_POSTGRESQL: Final = 15
#: The first that goes on searching an index where the filter by tenant has left too few.
OLDEST_PGVECTOR: Final = (0, 8)
#: The version of pgvector that the server brings along; no row where it brings none.
VECTOR_OF_SERVER: Final = "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"
_SECONDS_TO_CONNECT: Final = 10


def require_database() -> None:
    """Start the embedded server, if it is the one in use, and check that the database serves.

    Raises ImproperlyConfigured with a sentence for the person at the keyboard.
    """
    if settings.USES_EMBEDDED_POSTGRES:
        from chatplatform.lib.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError

        try:
            EmbeddedPostgres().start()
        except EmbeddedPostgresError as error:
            raise ImproperlyConfigured(str(error)) from None
    try:
        with psycopg.connect(
            **_parameters(settings.DATABASES["default"]), connect_timeout=_SECONDS_TO_CONNECT
        ) as connection:
            version = connection.info.server_version // 10_000
            (vector,) = connection.execute(VECTOR_OF_SERVER).fetchone() or (None,)
    except psycopg.OperationalError as error:
        reason = str(error).splitlines()[0].removeprefix("connection failed: ")
        raise ImproperlyConfigured(f"The database does not answer; check DATABASE_URL. It says: {reason}") from None
    problem = problem_of(version=version, vector=vector)
    if problem:
        raise ImproperlyConfigured(problem)


def problem_of(*, version: int, vector: str | None) -> str | None:
    """What is wrong with a server of this major version and with this pgvector, or nothing."""
    if version < OLDEST_POSTGRESQL:
        return f"The database is PostgreSQL {version}, and {OLDEST_POSTGRESQL} or newer is needed: upgrade the server."
    if vector is None:
        return "The database server lacks pgvector: install the package postgresql-<version>-pgvector there."
    if is_too_old(vector):
        return (
            f"The database server brings pgvector {vector}, and 0.8 or newer is needed: install a newer package there."
        )
    return None


def is_too_old(vector: str) -> bool:
    major, minor = vector.split(".")[:2]
    return (int(major), int(minor)) < OLDEST_PGVECTOR


@contextmanager
def as_owner(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Work as the role that owns the tables, for which the rows of every tenant exist: migrations change them all."""
    given: dict[str, Any] = connection.settings_dict
    owner = {
        key: value
        for key, value in (settings.DATABASE_OWNER or {}).items()
        if key in {"USER", "PASSWORD", "HOST", "PORT"}
    }
    options = dict(given.get("OPTIONS", {}))
    options["options"] = f"{options.get('options', '')} -c {SETTING}={EVERY_TENANT}".strip()
    connection.close()
    connection.settings_dict = {**given, **owner, "OPTIONS": options}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = given


def lend_tables(connection: BaseDatabaseWrapper, role: str) -> None:
    """Let a role read and write rows in all tables.  Not `TRUNCATE`: no policy holds it."""
    name = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        for statement in (
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
            f"GRANT USAGE ON SCHEMA public TO {name}",
        ):
            cursor.execute(statement)


def _parameters(database: dict[str, Any]) -> dict[str, Any]:
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    found = {parameter: database[key] for key, parameter in names.items() if database.get(key)}
    options = {key: value for key, value in database.get("OPTIONS", {}).items() if key.startswith(("ssl", "options"))}
    return {**found, **options}

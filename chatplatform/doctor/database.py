"""PostgreSQL, besides what the system checks ask of it (its version, the walls, the role)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chatplatform.doctor.findings import Finding, error, warning
from chatplatform.lib.database import is_too_old, require_database
from chatplatform.lib.leakproof import LEAKPROOF

#: Of one process besides `CHAT_DB_THREADS`: pages that are being made, and commands.
_OTHER_CONNECTIONS: Final = 5
#: More than a busy machine takes to answer, and less than what tokens forgive.
MOST_SECONDS_APART: Final = 5.0


def serves() -> Iterable[Finding]:
    try:
        require_database()
    except ImproperlyConfigured as problem:
        yield error("doctor.database_unusable", str(problem))


def is_migrated() -> Iterable[Finding]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _backwards in plan[:3])
        more = f" and {len(plan) - 3} more" if len(plan) > 3 else ""
        yield error("doctor.migrations_waiting", f"These migrations were not run: {names}{more}.")


def has_extension() -> Iterable[Finding]:
    version = _ask("SELECT max(extversion) FROM pg_extension WHERE extname = 'vector'")
    if version is None:
        yield error("doctor.vector_missing")
    elif is_too_old(version):
        yield error("doctor.vector_old", f"This database has pgvector {version}; 0.8 or newer is needed.")


def searches_use_indexes() -> Iterable[Finding]:
    bare = _ask(
        "SELECT string_agg(name, ', ') FROM unnest(string_to_array(%s, ';')) AS name"
        " JOIN pg_proc ON pg_proc.oid = name::regprocedure WHERE NOT proleakproof",
        [";".join(LEAKPROOF)],
    )
    if bare:
        yield warning("doctor.searches_read_all", f"Nobody has vouched for {bare}.")


def has_connections() -> Iterable[Finding]:
    """By the limits of the server, of the database and of the role."""
    most = _ask("""
        SELECT least(
            current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
            (SELECT CASE WHEN datconnlimit < 0 THEN 1000000 ELSE datconnlimit END
               FROM pg_database WHERE datname = current_database()),
            (SELECT CASE WHEN rolconnlimit < 0 THEN 1000000 ELSE rolconnlimit END
               FROM pg_roles WHERE rolname = current_user))""")
    needed = settings.CHAT_DB_THREADS + _OTHER_CONNECTIONS
    if most < needed:
        yield error(
            "doctor.connections_scarce", f"The database accepts {most} connections; one process may open {needed}."
        )


def has_our_time() -> Iterable[Finding]:
    apart = float(_ask("SELECT extract(epoch FROM clock_timestamp())")) - time.time()
    if abs(apart) > MOST_SECONDS_APART:
        yield error(
            "doctor.clock_differs", f"The database's clock differs from this machine's by {apart:+.0f} seconds."
        )


def _ask(query: str, parameters: Sequence[str] = ()) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        (value,) = cursor.fetchone()
    return value

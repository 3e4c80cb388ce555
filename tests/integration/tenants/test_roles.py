"""The server and the owner of its tables as two roles of a real database."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings
from psycopg.errors import InsufficientPrivilege

from chatplatform.lib.embedded_postgres import ROLE, SUPERUSER, EmbeddedPostgres
from tests.support.environment import PROJECT

pytestmark = pytest.mark.skipif(not settings.USES_EMBEDDED_POSTGRES, reason="It needs a second role.")

DATABASE = f"test_roles_{os.getpid()}"


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """The address of the server's role, and of the owner of a database."""
    server = EmbeddedPostgres()
    with psycopg.connect(server.superuser_dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
        url = server.url_of(DATABASE)
        yield {"DATABASE_URL": url, "DATABASE_OWNER_URL": url.replace(f"//{ROLE}@", f"//{SUPERUSER}@")}
        connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=PROJECT, env=os.environ | environment, check=False, capture_output=True, text=True
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def database(environment: dict[str, str]) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    assert "OK" in manage(environment, "migrate")
    with psycopg.connect(environment["DATABASE_URL"], autocommit=True) as connection:
        yield connection


def test_the_server_reads_and_writes(database: psycopg.Connection[tuple[object, ...]]) -> None:
    (row,) = database.execute(
        "INSERT INTO tenants_tenant (slug, name, status, access, created_at) "
        "VALUES ('a', 'A', 'active', 'members', now()) RETURNING id"
    )
    with database.transaction():
        database.execute("SELECT set_config('chatplatform.tenant', %s, true)", [str(row[0])])
        database.execute(
            "INSERT INTO tenants_domain (tenant_id, host, is_primary, token, created_at) "
            "VALUES (%s, 'a.example', false, '', now())",
            row,
        )
        assert database.execute("SELECT host FROM tenants_domain").fetchall() == [("a.example",)]


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE tenants_domain DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE tenants_domain NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant_wall ON tenants_domain",
        "ALTER POLICY tenant_wall ON tenants_domain USING (true)",
        "CREATE POLICY mine ON tenants_domain USING (true)",
        "ALTER TABLE tenants_domain OWNER TO current_user",
        "DROP TABLE tenants_domain CASCADE",
        "TRUNCATE tenants_domain",
        "CREATE TABLE public.mine (id int)",
        f"SET ROLE {SUPERUSER}",
        "ALTER ROLE current_user BYPASSRLS",
    ],
)
def test_it_cannot_pull_the_wall_down(database: psycopg.Connection[tuple[object, ...]], statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        database.execute(statement)


def test_row_security_switched_off_reads_nothing(database: psycopg.Connection[tuple[object, ...]]) -> None:
    database.execute("SET row_security = off")
    with pytest.raises(InsufficientPrivilege):
        database.execute("SELECT * FROM tenants_domain")
    database.execute("RESET row_security")


def test_the_check_is_content(environment: dict[str, str], database: psycopg.Connection[tuple[object, ...]]) -> None:
    said = manage(environment, "check", "--deploy", "--database", "default")
    assert "tenants.W001" not in said
    assert "tenants.E001" not in said

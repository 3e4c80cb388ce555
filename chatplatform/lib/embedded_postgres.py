"""The PostgreSQL of development and tests: one private server for one checkout, from a wheel, with nothing to install.

Where it lives:

- for a user, everything is in ``var/postgres`` of the checkout;
- for root, PostgreSQL refuses to run, so the server runs as the system user ``chatplatform-db`` with its data in
  ``/var/lib/chatplatform/<name>-<hash of the checkout's path>``. A checkout is often below a home folder that other users
  may not enter, and opening it for them is not ours to do; when the binaries lie there too, they are copied beside the data.

Who gets in: the server has no network address at all, only a Unix socket in a folder of mode 0700, and ``peer``
authentication, by which the kernel tells who connects. There is no password to leak. The platform's own role,
``chatplatform``, can create databases (tests need that) but is no superuser and cannot bypass row-level security.

The server survives the command that started it, so that the next one starts at once:
``python -m chatplatform.lib.embedded_postgres start|stop|status|url``.
"""

import argparse
import contextlib
import fcntl
import getpass
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from chatplatform.lib import postgres_wheel
from chatplatform.lib.leakproof import LEAKPROOF

PROJECT: Final = Path(__file__).resolve().parents[2]
ROLE: Final = "chatplatform"
SUPERUSER: Final = "postgres"
MAJOR: Final = 18
PORT: Final = 5432  # Names the socket file only: nothing listens on TCP.

_ROOT_HOMES: Final = Path("/var/lib/chatplatform")
_ROOT_SERVER_USER: Final = "chatplatform-db"
_SOCKET_PATH_LIMIT: Final = 100  # sun_path holds 104 bytes on macOS and 108 on Linux.
_START_SECONDS: Final = 60.0

_CONFIGURATION: Final = """\
# Written anew at each start by chatplatform.lib.embedded_postgres: edit there.
listen_addresses = ''
unix_socket_directories = {sockets}
unix_socket_permissions = 0700
port = {port}
max_connections = 200
shared_buffers = 128MB
# A crash may lose the last instant of work, never the consistency of the data: fsync stays on.
synchronous_commit = off
wal_writer_delay = 20ms
wal_level = minimal
max_wal_senders = 0
# Containers often have a /dev/shm too small for parallel workers.
max_parallel_workers_per_gather = 0
timezone = 'UTC'
log_timezone = 'UTC'
# A statement that fails, and the detail of an error, hold what people wrote.
log_min_error_statement = panic
log_error_verbosity = terse
"""


class EmbeddedPostgresError(Exception):
    """The server cannot run here. The message is one sentence for the person at the keyboard."""


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """The server of one checkout. All methods may be called from several processes at once."""

    project: Path = PROJECT
    is_root: bool = field(default_factory=lambda: os.geteuid() == 0)

    @property
    def home(self) -> Path:
        if not self.is_root:
            return self.project / "var" / "postgres"
        return _ROOT_HOMES / f"{self.project.name}-{self._key}"

    @property
    def sockets(self) -> Path:
        """The folder of the server's Unix socket."""
        folder = self.home / "run"
        if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= _SOCKET_PATH_LIMIT:
            return folder
        return Path(tempfile.gettempdir()) / f"chatplatform-{os.geteuid()}-{self._key}"

    @property
    def url(self) -> str:
        """The application's ``DATABASE_URL``; it is known before the server runs."""
        return self.url_of(ROLE)

    def url_of(self, database: str) -> str:
        return f"postgresql://{ROLE}@/{quote(database)}?host={quote(str(self.sockets), safe='')}&port={PORT}"

    @property
    def superuser_dsn(self) -> str:
        """The door for what the application's role may not do (extensions, roles). Never hand it to the application."""
        return f"host='{self.sockets}' port={PORT} user={SUPERUSER} dbname=postgres"

    def start(self) -> None:
        """Make sure that the server runs and holds the role, the database and pgvector."""
        if self._is_this_checkouts() and self._answers():
            return
        with self._lock():
            self._adopt_home()
            if not (self._data / "PG_VERSION").exists():
                self._initialise()
            self._refuse_other_major()
            if not self._is_running():
                self._launch()
            self._bootstrap()

    def stop(self) -> None:
        """Stop the server, if it runs; open connections are closed."""
        if not self._is_running():
            return
        with self._lock():
            if self._is_running():
                self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self._data))

    def status(self) -> str:
        """One line for people."""
        process = self._process()
        if process is None:
            return f"not running (data: {self._data})"
        return f"running as process {process.pid} (data: {self._data})"

    # Where things are

    @property
    def _key(self) -> str:
        return hashlib.sha256(os.fsencode(self.project)).hexdigest()[:10]

    @property
    def _data(self) -> Path:
        return self.home / "data"

    @property
    def _log(self) -> Path:
        return self._data / "server.log"

    @property
    def _id_of_checkout(self) -> Path:
        return self.project / "var" / "postgres.id"

    @property
    def _id_of_home(self) -> Path:
        return self.home / "checkout.id"

    def _programs(self) -> Path:
        try:
            return postgres_wheel.programs(MAJOR, copies_for_others=self.home / "software" if self.is_root else None)
        except ModuleNotFoundError:
            message = "The embedded PostgreSQL is not installed: run `make run` or `make test`, or set DATABASE_URL."
            raise EmbeddedPostgresError(message) from None

    # Whose the data are

    def _is_this_checkouts(self) -> bool:
        """Whether the home belongs to the checkout that is here now, and not to a deleted one at the same path."""
        if not self.is_root:
            return True
        try:
            return self._id_of_home.read_text() == self._id_of_checkout.read_text()
        except FileNotFoundError:
            return False

    def _adopt_home(self) -> None:
        """Make the folders. Data of a deleted checkout at the same path are put aside, as they would not fit its successor."""
        if not self._is_this_checkouts() and self._id_of_home.exists():
            if self._is_running():
                self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self._data))
            previous = self.home / "data.previous"
            shutil.rmtree(previous, ignore_errors=True)
            if self._data.exists():
                self._data.rename(previous)
            self._id_of_home.unlink()
        for folder in (self._data, self.sockets):
            self._make_private(folder)
        if self.is_root and not self._is_this_checkouts():
            if not self._id_of_checkout.exists():
                self._id_of_checkout.parent.mkdir(exist_ok=True)
                self._id_of_checkout.write_text(f"{uuid.uuid4()}\n")
            self._id_of_home.write_text(self._id_of_checkout.read_text())

    def _make_private(self, folder: Path) -> None:
        """Make a folder that belongs to the server's user alone; one that somebody else made first is refused."""
        owner = self._server_user()
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.pw_uid or stat.S_IMODE(found.st_mode) != 0o700:
            raise EmbeddedPostgresError(
                f"{folder} must be a folder of {owner.pw_name} with mode 0700: remove it and retry."
            )

    def _server_user(self) -> pwd.struct_passwd:
        if not self.is_root:
            return pwd.getpwuid(os.geteuid())
        try:
            return pwd.getpwnam(_ROOT_SERVER_USER)
        except KeyError:
            pass
        command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent"]
        command += ["--shell", "/usr/sbin/nologin", _ROOT_SERVER_USER]
        try:
            subprocess.run(command, check=True, capture_output=True)
            return pwd.getpwnam(_ROOT_SERVER_USER)
        except (OSError, subprocess.CalledProcessError, KeyError):
            message = (
                f"PostgreSQL does not run as root, and the system user {_ROOT_SERVER_USER} could not be created:"
                " run this as an ordinary user, or set DATABASE_URL."
            )
            raise EmbeddedPostgresError(message) from None

    # Life and death

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """One process at a time changes the server; the kernel frees the lock of a killed one."""
        for folder in (self.home.parent, self.home):
            if not folder.exists():
                folder.mkdir(parents=True, exist_ok=True)
                folder.chmod(0o755)  # Whatever the umask is: the server's user passes through.
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _process(self) -> psutil.Process | None:
        """The server's main process. A number in a stale pid file that the system gave to another program is not it."""
        try:
            number = int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(number)
            command = process.cmdline()
        except (OSError, ValueError, psutil.Error):
            return None
        is_ours = bool(command) and Path(command[0]).name == "postgres" and str(self._data) in command
        return process if is_ours else None

    def _is_running(self) -> bool:
        return self._process() is not None

    def _initialise(self) -> None:
        """Create the cluster. It appears under its name only when complete, so that a kill in between leaves no half."""
        self._data.rmdir() if not any(self._data.iterdir()) else shutil.rmtree(self._data)
        unfinished = self.home / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._make_private(unfinished)
        locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        self._run("initdb", "-D", str(unfinished), "-U", SUPERUSER, "--auth=reject", "--no-instructions", *locale)
        (unfinished / "pg_hba.conf").write_text("local all all peer map=checkout\n")
        me = getpass.getuser() if not self.is_root else pwd.getpwuid(0).pw_name
        (unfinished / "pg_ident.conf").write_text("".join(f'checkout "{me}" {role}\n' for role in (SUPERUSER, ROLE)))
        unfinished.rename(self._data)

    def _refuse_other_major(self) -> None:
        found = (self._data / "PG_VERSION").read_text().strip()
        if found != str(MAJOR):
            message = (
                f"{self._data} holds data of PostgreSQL {found}, and this is {MAJOR}: move the folder away and retry."
            )
            raise EmbeddedPostgresError(message)

    def _launch(self) -> None:
        sockets = str(self.sockets).replace("'", "''")
        (self._data / "postgresql.conf").write_text(_CONFIGURATION.format(sockets=f"'{sockets}'", port=PORT))
        # What a killed server left names a process number that another program, or its own zombie, may bear now.
        for stale in (self._data / "postmaster.pid", self.sockets / f".s.PGSQL.{PORT}.lock"):
            stale.unlink(missing_ok=True)
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._run("pg_ctl", "start", "-w", "-t", "60", "-D", str(self._data), "-l", str(self._log))
            except EmbeddedPostgresError:
                # The children of a killed server go a moment after it, and nobody may start before they are gone.
                if time.monotonic() > deadline or "still in use" not in _tail(self._log):
                    raise
                time.sleep(0.2)
            else:
                return

    def _bootstrap(self) -> None:
        """Create the role, the database and the extension as far as they are missing."""
        with psycopg.connect(self.superuser_dsn, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                create = sql.SQL("CREATE ROLE {} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS NOCREATEROLE")
                connection.execute(create.format(sql.Identifier(ROLE)))
            has_database = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [ROLE]).fetchone()
        # pgvector asks for a superuser, so it goes into the template of all databases, those of tests included.
        if not has_database:
            self._create_vector("template1")
            with psycopg.connect(self.superuser_dsn, autocommit=True) as connection:
                connection.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(sql.Identifier(ROLE)))
        for database in ("template1", ROLE):
            with psycopg.connect(self.superuser_dsn, dbname=database, autocommit=True) as connection:
                for function in LEAKPROOF:
                    connection.execute(sql.SQL("ALTER FUNCTION {} LEAKPROOF").format(sql.SQL(function)))

    def _create_vector(self, database: str) -> None:
        with psycopg.connect(self.superuser_dsn, dbname=database, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")

    def _run(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL as the server's user.

        Its output goes to a file: a pipe would stay open in the server that ``pg_ctl start`` leaves behind.
        """
        user = self._server_user()
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if self.is_root else {}
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(self._programs() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.home,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                check=False,
                **identity,  # type: ignore[call-overload]
            )
            output.seek(0)
            said = output.read().strip()
        if done.returncode:
            lines = (_tail(self._log) if program == "pg_ctl" else said).strip().splitlines() or ["it gave no reason"]
            reason = next((line for line in reversed(lines) if "FATAL" in line or "PANIC" in line), lines[-1])
            raise EmbeddedPostgresError(f"The embedded PostgreSQL failed in {program}: {reason} (log: {self._log}).")


def _tail(log: Path) -> str:
    try:
        return log.read_text(errors="replace")[-2000:]
    except OSError:
        return ""


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m chatplatform.lib.embedded_postgres", description="The embedded PostgreSQL."
    )
    parser.add_argument("verb", choices=("start", "stop", "status", "url"))
    verb = parser.parse_args(arguments).verb
    server = EmbeddedPostgres()
    try:
        if verb == "start":
            server.start()
        elif verb == "stop":
            server.stop()
    except EmbeddedPostgresError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{server.url if verb == 'url' else server.status()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

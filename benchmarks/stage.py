"""What the measures play on: databases of their own, a tenant with its assistant, end users with chat sessions, long histories.

All of it is made anew for each run, in the embedded PostgreSQL.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from benchmarks.processes import ALL_CORES, LOGS, OTHER_CORE, Server, pinned
from chatplatform.lib.embedded_postgres import EmbeddedPostgres

TENANT = "bench"
USERS = 200
OURS_DATABASE, PEER_DATABASE = "chatplatform_bench", "chatplatform_bench_peer"
_NO_LIMIT = "1000000/second"


@dataclass(frozen=True)
class History:
    """The sizes of the long histories of one reader, and how deep the lists go into them."""

    threads: int
    items: int
    depth: int

    @property
    def thread(self) -> str:
        """The thread that has all the items."""
        return thread_id(self.threads)

    @property
    def thread_at_depth(self) -> str:
        return thread_id(self.threads - self.depth)

    @property
    def item_at_depth(self) -> str:
        return item_id(self.items - self.items // 2)


QUICK = History(threads=100_000, items=10_000, depth=50_000)
FULL = History(threads=1_000_000, items=10_000, depth=100_000)


def thread_id(number: int) -> str:
    return f"thr_{number:032x}"


def item_id(number: int) -> str:
    return f"msg_{number:032x}"


class StatementLog:
    """The statements of a database since a mark, read from the server's log."""

    def __init__(self, connection: psycopg.Connection[Any], database: str) -> None:
        self._connection = connection
        self._database = database
        self._file = Path(_only(connection, "SELECT current_setting('data_directory')")) / "server.log"
        self._start = 0

    def mark(self) -> None:
        self._start = self._file.stat().st_size

    def first_words(self) -> list[str]:
        """The first word of each; empty where a statement begins on a line of its own."""
        query = "SELECT pid FROM pg_stat_activity WHERE datname = %s"
        marks = [f"[{pid}] LOG:  " for (pid,) in self._connection.execute(query, [self._database])]
        found = []
        with self._file.open() as lines:
            lines.seek(self._start)
            for line in lines:
                said = next((line.split(mark, 1)[1] for mark in marks if mark in line), "")
                if said.startswith(("statement: ", "execute ")):
                    found.append(said.split(": ", 1)[1].strip().upper().partition(" ")[0].rstrip(";"))
        return found


class Stage:
    """Databases and users of a run, and the servers that can be started on them."""

    def __init__(self) -> None:
        self._postgres = EmbeddedPostgres()
        self._headers_ours = LOGS / "ours.headers"
        self._headers_peer = LOGS / "peer.headers"
        self.environment = {
            "DEBUG": "false",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "HTTPS": "false",
            "ALLOWED_HOSTS": "127.0.0.1",
            "DATABASE_URL": self._postgres.url_of(OURS_DATABASE),
            "CHAT_RATE_LIMIT": _NO_LIMIT,
            "CHAT_ADDRESS_RATE_LIMIT": _NO_LIMIT,
            "CHAT_STREAMS_AT_ONCE": "100000",
            "CHAT_SESSION_RATE_LIMIT": _NO_LIMIT,
            "LOG_LEVEL": "warning",
        }

    @contextmanager
    def set(self) -> Iterator[None]:
        """Make everything, and keep the database server off the servers' core meanwhile."""
        LOGS.mkdir(parents=True, exist_ok=True)
        self._postgres.start()
        with psycopg.connect(self._postgres.url, autocommit=True) as connection:
            for name in (OURS_DATABASE, PEER_DATABASE):
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            self._database_server = psutil.Process(connection.info.backend_pid).ppid()
        with pinned(self._database_server, OTHER_CORE):
            self._make_tenant()
            self._make_users()
            yield

    @contextmanager
    def spread(self, servers: list[Server]) -> Iterator[None]:
        """Let servers and database run on every core, as several processes of one machine do; call it before they start."""
        for server in servers:
            server.cores = ALL_CORES
        with pinned(self._database_server, ALL_CORES):
            yield

    # ---- servers

    def floor(self) -> Server:
        return Server("floor", "/", self._headers_peer, _daphne("benchmarks.floor:application"))

    def peer(self, server: str = "ScriptedPeer") -> Server:
        """FastAPI; ``server`` is a class of `benchmarks.peer.servers`."""
        command = ["uvicorn", "benchmarks.peer.app:app", "--port", "{port}", "--backlog", "2048", "--loop", "asyncio"]
        return Server(
            "peer",
            "/chatkit",
            self._headers_peer,
            [*command, "--no-access-log", "--log-level", "warning"],
            {"PEER_DSN": self._postgres.url_of(PEER_DATABASE), "PEER_SERVER": server},
        )

    def ours(self, server: str = "ScriptedServer", name: str = "ours", **environment: str) -> Server:
        """The platform; ``server`` is a class of `benchmarks.responder`."""
        chosen = {"CHATKIT_SERVER": f"benchmarks.responder.{server}"}
        return Server(
            name,
            f"/api/chatkit?tenant={TENANT}",
            self._headers_ours,
            _daphne("chatplatform.asgi:application"),
            {**self.environment, **chosen, **environment},
        )

    # ---- the database

    def connections(self) -> int:
        """Connections to the platform's database."""
        with psycopg.connect(self._postgres.url) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [OURS_DATABASE]
            ).fetchone()
        return int(row[0]) if row else 0

    @contextmanager
    def statements(self, database: str) -> Iterator[StatementLog]:
        """A log of what connections to a database, opened within the block, execute."""
        named = sql.Identifier(database)
        with psycopg.connect(self._postgres.superuser_dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} SET log_statement = 'all'").format(named))
            try:
                yield StatementLog(connection, database)
            finally:
                connection.execute(sql.SQL("ALTER DATABASE {} RESET log_statement").format(named))

    def settle(self) -> None:
        """Tell the planner about the rows of both databases, and have them written: nothing of their making is left to do."""
        for database in (OURS_DATABASE, PEER_DATABASE):
            with psycopg.connect(self._postgres.url_of(database), autocommit=True) as connection:
                connection.execute("ANALYZE")
        with psycopg.connect(self._postgres.superuser_dsn, autocommit=True) as connection:
            connection.execute("CHECKPOINT")

    # ---- the making

    def _make_tenant(self) -> None:
        os.environ.update(self.environment)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatplatform.settings")
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)

        from tenants.models import Assistant, Tenant
        from tenants.scope import tenant_scope
        from tenants.versions import publish_first

        tenant = Tenant.objects.create(slug=TENANT, name="Bench", access=Tenant.Access.ANONYMOUS)
        with tenant_scope(tenant):
            assistant = Assistant.objects.create(tenant=tenant, slug="guide", name="Guide", is_default=True)
            publish_first(assistant, instructions="You are a friendly guide.", provider="offline")

    def _make_users(self) -> None:
        """End users as browsers get theirs: by a chat session each, over HTTP."""
        server = self.ours()
        server.start()
        try:
            with ThreadPoolExecutor(4) as pool:
                tokens = list(pool.map(lambda _: _mint(server.port), range(USERS)))
        finally:
            server.stop()
        self._headers_ours.write_text("".join(f"Authorization: Bearer {token}\n" for token in tokens))
        self._headers_peer.write_text("".join(f"X-User: u{number}\n" for number in range(USERS)))

    def make_histories(self, history: History) -> tuple[Path, Path]:
        """Fill both databases for one reader each; returns their header files, ours first."""
        began = time.monotonic()
        ours, peer = LOGS / "ours-reader.headers", LOGS / "peer-reader.headers"
        peer.write_text("X-User: reader\n")
        server = self.ours()
        server.start()
        try:
            ours.write_text(f"Authorization: Bearer {_mint(server.port)}\n")
        finally:
            server.stop()
        with psycopg.connect(self._postgres.url_of(OURS_DATABASE), autocommit=True) as connection:
            connection.execute("SET chatplatform.tenant = '*'")  # row-level security wants to know whose rows are meant
            reader = _only(connection, "SELECT max(id) FROM accounts_enduser")
            _run(connection, _OUR_THREADS, reader=reader, **vars(history))
            _run(connection, _OUR_ITEMS, thread=history.thread, **vars(history))
            connection.execute("VACUUM chat_thread, chat_threaditem")
        with psycopg.connect(self._postgres.url_of(PEER_DATABASE), autocommit=True) as connection:
            from benchmarks.peer.store import SCHEMA

            connection.execute(SCHEMA)
            _run(connection, _PEER_THREADS, **vars(history))
            _run(connection, _PEER_ITEMS, thread=history.thread, **vars(history))
            connection.execute("VACUUM chatkit_thread, chatkit_thread_item")
        self.settle()
        print(f"  {history.threads:,} threads and {history.items:,} items in {time.monotonic() - began:.0f} s")
        return ours, peer


# The rows are made where they stay: one statement for each table.  A second lies between any two of them.
_MOMENT = "to_timestamp(1700000000 + n)"
_ITEM = """jsonb_build_object('id', 'msg_' || lpad(to_hex(n), 32, '0'), 'type', 'assistant_message', 'thread_id', %(thread)s::text,
           'created_at', to_char(to_timestamp(1700000000 + n) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.000"Z"'),
           'content', jsonb_build_array(jsonb_build_object('type', 'output_text', 'annotations', '[]'::jsonb,
                                                           'text', repeat('A sentence of an answer. ', 12))))"""
_OUR_THREADS = f"""
INSERT INTO chat_thread (public_id, tenant_id, end_user_id, assistant_id, title, status, metadata, created_at, updated_at)
SELECT 'thr_' || lpad(to_hex(n), 32, '0'), e.tenant_id, e.id, a.id, 'Conversation number ' || n, 'active', '{{}}',
       {_MOMENT}, {_MOMENT}
  FROM accounts_enduser e, tenants_assistant a, generate_series(1, %(threads)s) n WHERE e.id = %(reader)s ORDER BY n"""
_OUR_ITEMS = f"""
INSERT INTO chat_threaditem (tenant_id, thread_id, public_id, type, is_hidden, data, created_at)
SELECT t.tenant_id, t.id, 'msg_' || lpad(to_hex(n), 32, '0'), 'assistant_message', false, {_ITEM}, {_MOMENT}
  FROM chat_thread t, generate_series(1, %(items)s) n WHERE t.public_id = %(thread)s ORDER BY n"""
_PEER_THREADS = f"""
INSERT INTO chatkit_thread (id, user_id, data, created_at)
SELECT 'thr_' || lpad(to_hex(n), 32, '0'), 'reader', jsonb_build_object('id', 'thr_' || lpad(to_hex(n), 32, '0'),
       'title', 'Conversation number ' || n, 'created_at', {_MOMENT}, 'status', '{{"type": "active"}}'::jsonb,
       'metadata', '{{}}'::jsonb), {_MOMENT}
  FROM generate_series(1, %(threads)s) n"""
_PEER_ITEMS = f"""
INSERT INTO chatkit_thread_item (id, thread_id, user_id, type, data, created_at)
SELECT 'msg_' || lpad(to_hex(n), 32, '0'), %(thread)s::text, 'reader', 'assistant_message', {_ITEM}, {_MOMENT}
  FROM generate_series(1, %(items)s) n"""


def _run(connection: psycopg.Connection[Any], statement: str, **parameters: Any) -> None:
    connection.execute(statement, parameters)


def _only(connection: psycopg.Connection[Any], statement: str) -> Any:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


def _mint(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = json.dumps({"tenant": TENANT, "credential": "client_secret"})
    connection.request("POST", "/api/chatkit/session", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != 201:
        raise SystemExit(f"No chat session: {answer.status} {said[:300]!r}")
    return str(json.loads(said)["client_secret"])


def _daphne(application: str) -> list[str]:
    return [
        "daphne",
        "-e",
        "tcp:port={port}:interface=127.0.0.1:backlog=2048",
        "--no-server-name",
        "-v",
        "0",
        application,
    ]

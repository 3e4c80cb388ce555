"""`manage.py doctor`: each of its checks meets the thing that it looks for, broken for real."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from cryptography.fernet import Fernet
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from chat.models import Attachment, Thread
from chat.stores.files import path_of
from chat.tasks import name_thread
from chatplatform import doctor
from chatplatform.doctor import configuration, database, files, providers, services
from chatplatform.doctor.findings import Finding
from chatplatform.doctor.public_address import PublicAddress
from chatplatform.lib.ids import new_id
from tenants.models import Assistant, ProviderKey, Tenant
from tests.conftest import StartServer
from tests.support import databases
from tests.support.cast import Cast, gather
from tests.support.environment import PROJECT
from tests.support.proxy import Proxy
from tests.support.servers import ServerProcess, free_port
from tests.support.web import Web


def codes(findings: Iterable[Finding]) -> set[str]:
    return {finding.code for finding in findings}


def run(*options: str, **variables: str) -> tuple[int, dict[str, list[dict[str, str]]]]:
    """The command as an operator calls it: its exit status, and the findings of each part."""
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json", *options],
        cwd=PROJECT,
        env={**os.environ, "DATABASE_URL": databases.url_of(), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    report = json.loads(done.stdout)
    assert report["ok"] is (done.returncode == 0)
    return done.returncode, {part["part"]: part["findings"] for part in report["parts"]}


def test_a_broken_installation_is_told_what_is_wrong_with_it(committed_database: None, tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    status, parts = run(
        DEBUG="false",
        SECRET_KEY="short",
        HTTPS="false",
        ALLOWED_HOSTS="*",
        SECURE_PROXY_SSL_HEADER="X-Forwarded-Proto: https",
        REDIS_URL=f"redis://127.0.0.1:{free_port()}",
        ATTACHMENTS_FOLDER=str(tmp_path / "a-file" / "attachments"),
    )
    found = {part: {finding["code"]: finding["level"] for finding in findings} for part, findings in parts.items()}
    assert status == 1
    levels = [finding["level"] for finding in parts["configuration"]]
    assert levels == sorted(levels), "errors come first"
    configured = {code for code, level in found["configuration"].items() if level == "error"}
    assert configured >= {f"chatplatform.E{number:03}" for number in (1, 3, 4, 6, 10)}
    assert {"doctor.public_url_missing", "doctor.proxies_uncounted"} <= set(found["configuration"])
    assert found["services"]["doctor.channel_layer_failed"] == "error"
    assert found["files"]["doctor.storage_failed"] == "error"
    assert all(finding["fix"] for findings in parts.values() for finding in findings)
    described = (PROJECT / "docs" / "reference" / "errors.md").read_text()
    assert all(f"### {finding['code']}\n" in described for findings in parts.values() for finding in findings)


def test_a_database_that_is_away(committed_database: None) -> None:
    status, parts = run(DATABASE_URL=f"postgresql://nobody@127.0.0.1:{free_port()}/nothing")
    assert status == 1
    assert "Connection refused" in parts["database"][0]["found"]
    assert {part: [finding["code"] for finding in findings] for part, findings in parts.items()} == {
        "database": ["doctor.database_unusable"]
    }


@pytest.mark.django_db
def test_a_migration_that_was_not_run() -> None:
    assert list(database.is_migrated()) == []
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'chat' AND name >= '0007'")
    ((part, findings),) = doctor.examine()
    assert (part, codes(findings)) == ("database", {"doctor.migrations_waiting"})
    assert "chat.0007" in findings[0].found


@pytest.mark.django_db
def test_an_extension_that_is_missing_or_old() -> None:
    assert list(database.has_extension()) == []
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE pg_extension (extname name, extversion text) ON COMMIT DROP")
        cursor.execute("SET LOCAL search_path = pg_temp, pg_catalog, public")
    assert codes(database.has_extension()) == {"doctor.vector_missing"}
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO pg_extension VALUES ('vector', '0.7.4')")
    (finding,) = database.has_extension()
    assert finding.code == "doctor.vector_old"
    assert "0.7.4" in finding.found


@pytest.mark.django_db
def test_searches_that_nobody_has_vouched_for() -> None:
    assert not any("textcat" in finding.found for finding in database.searches_use_indexes())
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE pg_proc ON COMMIT DROP AS SELECT * FROM pg_catalog.pg_proc")
        cursor.execute("UPDATE pg_temp.pg_proc SET proleakproof = false WHERE proname = 'textcat'")
        cursor.execute("SET LOCAL search_path = pg_temp, pg_catalog, public")
    (finding,) = database.searches_use_indexes()
    assert (finding.code, finding.level) == ("doctor.searches_read_all", "warning")
    assert "textcat" in finding.found


@pytest.mark.django_db
def test_more_threads_than_connections(settings: Settings) -> None:
    assert list(database.has_connections()) == []
    settings.CHAT_DB_THREADS = 1000
    assert codes(database.has_connections()) == {"doctor.connections_scarce"}


@pytest.mark.django_db
def test_a_database_with_another_time() -> None:
    assert list(database.has_our_time()) == []
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA late")
        cursor.execute(
            "CREATE FUNCTION late.clock_timestamp() RETURNS timestamptz LANGUAGE sql"
            " AS $$ SELECT pg_catalog.clock_timestamp() - interval '1 minute' $$"
        )
        cursor.execute("SET LOCAL search_path = late, pg_catalog, public")
    (finding,) = database.has_our_time()
    assert finding.code == "doctor.clock_differs"
    assert "-60 seconds" in finding.found


def test_work_that_nobody_does(committed_database: None, settings: Settings) -> None:
    settings.DEBUG = True
    assert list(services.behind_us()) == []
    name_thread.enqueue(1, "thr_unknown")
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(hours=1))
    assert codes(services.behind_us()) == {"doctor.worker_lags"}


def test_one_process_alone(committed_database: None) -> None:
    assert codes(services.behind_us()) == {"doctor.channel_layer_alone"}


def test_a_client_that_was_not_collected(settings: Settings, tmp_path: Path) -> None:
    assert list(files.client_is_there()) == []
    assert list(files.attachments_are_kept()) == []
    settings.SERVESTATIC_USE_FINDERS = False
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "chatplatform.lib.static_files.StaticFiles"},
    }
    assert codes(files.client_is_there()) == {"doctor.assets_missing"}


@pytest.mark.django_db
def test_a_backup_that_was_restored_without_its_keys_and_files(settings: Settings) -> None:
    cast, kept = gather(), settings.ENCRYPTION_KEYS
    ProviderKey.store(cast.acme.pk, "groq", "sk-acme")
    person, name = cast.visitor(), new_id("attachment")
    Attachment.objects.create(
        tenant=cast.acme, end_user=person, assistant=cast.guide, public_id=name, state="stored", data={}
    )
    storages["attachments"].save(path_of(cast.acme.pk, name), ContentFile(b"The way up"))
    assert [*configuration.opens_secrets(), *files.attachments_came_along()] == []
    settings.ENCRYPTION_KEYS = [f"first:{Fernet.generate_key().decode()}"]
    (finding,) = configuration.opens_secrets()
    assert (finding.code, "acme" in finding.found) == ("doctor.secrets_closed", True)
    settings.ENCRYPTION_KEYS = [*settings.ENCRYPTION_KEYS, *kept]
    assert list(configuration.opens_secrets()) == []
    storages["attachments"].delete(path_of(cast.acme.pk, name))
    (finding,) = files.attachments_came_along()
    assert (finding.code, "1 of the newest 1" in finding.found) == ("doctor.attachments_missing", True)


@pytest.mark.django_db
def test_a_good_configuration_in_development(settings: Settings) -> None:
    settings.DEBUG = True
    errors = [finding for finding in configuration.system_checks() if finding.level == "error"]
    assert errors == []


def test_keys_of_providers(cast: Cast, web: Web, settings: Settings) -> None:
    settings.PROVIDER_BASE_URL, settings.PROVIDER_API_KEY = f"{web.url}/v1", "sk-installation"
    settings.OUTBOUND_ALLOWED_HOSTS = [web.host]
    web.page = {"object": "list", "data": []}
    key = ProviderKey(tenant=cast.acme, provider="openai_compatible", base_url=f"{web.url}/v1")
    key.set_secret("sk-acme")
    key.save()
    assert list(providers.accept_our_keys()) == []
    assert [asked.headers["authorization"] for asked in web.asked] == ["Bearer sk-installation", "Bearer sk-acme"]
    web.status = 401
    found = [finding.found for finding in providers.accept_our_keys()]
    assert [text.split(".")[0] for text in found] == [
        "openai_compatible of the installation: provider_refused",
        "openai_compatible of tenant acme: provider_refused",
    ]
    assert "sk-" not in " ".join(found)


@pytest.fixture
def web() -> Iterator[Web]:
    standing = Web()
    yield standing
    standing.stop()


@pytest.fixture
def proxy(cast: Cast, live_server_process: ServerProcess) -> Iterator[Proxy]:
    standing = Proxy(live_server_process.url)
    yield standing
    standing.stop()


def test_a_good_public_address_has_no_findings_and_keeps_no_conversation(proxy: Proxy, cast: Cast) -> None:
    assert list(PublicAddress(proxy.url).findings()) == []
    assert not Thread.objects.for_tenant(cast.acme).exists()


def test_a_proxy_that_holds_answers_back(proxy: Proxy) -> None:
    proxy.is_buffering = True
    (finding,) = PublicAddress(proxy.url).findings()
    assert finding.code == "doctor.answer_held_back"
    assert "first byte" in finding.found


def test_an_answer_that_is_over_at_once(chat_server: ServerProcess, eventually: Callable[..., Any]) -> None:
    """Its assistant says all words without a pause: it cannot be told from one that was held back."""

    def found() -> bool:
        return [(each.code, each.level) for each in PublicAddress(chat_server.url, "acme").findings()] == [
            ("doctor.answer_too_short", "warning")
        ]

    eventually(found)  # a machine that is busy may need longer for it


def test_proxies_that_are_set_up_badly(proxy: Proxy, start_server: StartServer) -> None:
    proxy.target = start_server().url
    address = PublicAddress(proxy.url, "acme")
    spoilt: dict[str, dict[str, Any]] = {
        "doctor.host_refused": {"asks_with": {"host": "chat.example.com"}},
        "doctor.origin_refused": {"asks_with": {"host": "localhost:1"}},
        "doctor.cookie_lost": {"asks_with": {"cookie": None}},
        "doctor.clock_differs": {"answers_with": {"date": "Thu, 01 Jan 2026 00:00:00 GMT"}, "lacks": "/api/chatkit?"},
        "doctor.assets_not_served": {"lacks": "/static/"},
        "doctor.session_refused": {"lacks": "/api/chatkit/session"},
        "doctor.url_unreachable": {"lacks": "/healthz"},
    }
    for code, faults in spoilt.items():
        proxy.asks_with, proxy.answers_with, proxy.lacks = {}, {}, "/no-such"
        for name, value in faults.items():
            setattr(proxy, name, value)
        assert code in codes(address.findings()), code


def test_answers_that_do_not_come(proxy: Proxy, cast: Cast) -> None:
    Assistant.objects.for_tenant(cast.acme).filter(slug="guide").update(is_default=False)
    Assistant.objects.for_tenant(cast.acme).filter(slug="model").update(is_default=True)
    (finding,) = PublicAddress(proxy.url, "acme").findings()
    assert finding.code == "doctor.answer_failed"
    assert "assistant_unavailable" in finding.found
    (finding,) = PublicAddress(proxy.url, "nobody").findings()
    assert (finding.code, "401 login_required" in finding.found) == ("doctor.session_refused", True)
    Tenant.objects.filter(slug="acme").update(access=Tenant.Access.MEMBERS)
    assert codes(PublicAddress(proxy.url).findings()) == {"doctor.no_visitors"}


def test_an_address_where_nobody_is(committed_database: None) -> None:
    assert codes(PublicAddress(f"http://127.0.0.1:{free_port()}").findings()) == {"doctor.url_unreachable"}


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_platform_under_wsgi(cast: Cast) -> None:
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=_Quiet) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        assert "doctor.wsgi_served" in codes(PublicAddress(f"http://127.0.0.1:{server.server_port}", "acme").findings())
        server.shutdown()

"""The deployment of compose.yaml: read as Docker reads it, and its parts run together as processes of this machine."""

import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from cryptography import x509
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from chat.models import Run
from chat.tasks import name_thread
from chatplatform.doctor.public_address import PublicAddress
from chatplatform.lib.embedded_postgres import MAJOR
from tests.conftest import Browse, StartServer, quick
from tests.integration.chat.test_processes import twin
from tests.support import databases, nginx, redis
from tests.support.browsing import text_of
from tests.support.cast import Cast
from tests.support.environment import PROJECT, variables_of_settings
from tests.support.nginx import Nginx
from tests.support.provider import Hold, Provider
from tests.support.servers import ServerProcess


def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())
    return parsed


def test_compose_reads_its_file() -> None:
    """By the schema that Docker Compose publishes."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_names_what_there_is() -> None:
    services = compose()["services"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert volume.startswith("$") or source in compose()["volumes"] or (PROJECT / source).exists(), source
    known = {*variables_of_settings()}
    for name in ("web-1", "web-2", "worker", "migrate"):
        assert {variable.removesuffix("_FILE") for variable in services[name]["environment"]} <= known
    conf = (PROJECT / "deploy" / "nginx" / "chatplatform.conf").read_text()
    assert set(re.findall(r"server ([\w-]+):8000", conf)) == {name for name in services if name.startswith("web")}


def test_secrets_are_files_and_each_service_has_its_own() -> None:
    services = compose()["services"]
    texts = {name: str(service) for name, service in services.items()}
    assert not any(re.search(r"PASSWORD\}|PASSWORD:\?", text) for text in texts.values())
    given = {name: set(service.get("secrets", ())) for name, service in services.items()}
    for name in ("web-1", "web-2", "worker"):
        assert given[name] == {"secret_key", "encryption_keys", "database_url"}, name
    assert given["nginx"] == given["redis"] == set()
    assert set().union(*given.values()) == set(compose()["secrets"])
    for name, service in services.items():
        # Of `.env` only what a line names: as a whole it would be everything that is in it.
        assert service.get("env_file") in (None, "platform.env"), name
        for variable, value in (service.get("environment") or {}).items():
            assert not variable.endswith("_FILE") or value.removeprefix("/run/secrets/") in given[name], (
                name,
                variable,
            )


def test_what_is_in_the_image_is_not_changed_by_the_environment() -> None:
    for name in ("web-1", "web-2", "worker"):
        service = compose()["services"][name]
        assert service["build"]["args"]["EXTRA_APPS"] == "${EXTRA_APPS:-}"
        assert "EXTRA_APPS" not in service["environment"]
        # A value that is given here goes before that of a file: what the guide has people set must be asked for.
        assert service["environment"]["TRUSTED_PROXY_COUNT"] == "${TRUSTED_PROXY_COUNT:-1}"
    arguments = set(re.findall(r"^ARG (\w+)", (PROJECT / "Dockerfile").read_text(), re.MULTILINE))
    assert arguments == set(compose()["services"]["worker"]["build"]["args"])


def test_every_container_is_hardened_limited_and_looked_after() -> None:
    for name, service in compose()["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        assert ("healthcheck" in service) == (name != "migrate"), name
    assert compose()["networks"]["back"] == {"internal": True}
    assert {name for name, service in compose()["services"].items() if service["networks"] == ["back"]} == {
        "db",
        "redis",
    }


def test_one_major_version_of_postgresql_is_meant_everywhere() -> None:
    image = compose()["services"]["db"]
    assert f":pg{MAJOR}}}" in image["image"]
    assert f"database-{MAJOR}:/var/lib/postgresql" in image["volumes"]
    assert f"database-{MAJOR}" in compose()["volumes"]


class _Merging(yaml.SafeLoader):
    """Reads Compose's own tags."""


def _mapping(loader: Any, node: Any) -> Any:
    return loader.construct_mapping(node, deep=True)


_Merging.add_constructor("!reset", lambda loader, node: None)
_Merging.add_constructor("!override", _mapping)


def test_with_a_database_and_a_redis_of_ones_own_nothing_asks_for_the_others() -> None:
    text = (PROJECT / "compose.external.yaml").read_text()
    changes = yaml.load(text, Loader=_Merging)
    gone = {name for name, service in changes["services"].items() if service is None}
    assert gone == {"db", "redis"}
    for name, service in compose()["services"].items():
        if name in gone:
            continue
        merged = {**service, **changes["services"].get(name, {})}
        assert not gone & set(merged["depends_on"] or ()), name
        environment = {**service.get("environment", {}), **changes["services"].get(name, {}).get("environment", {})}
        assert not any(isinstance(value, str) and "redis://redis" in value for value in environment.values()), name
    kept = {secret for secret in {**compose()["secrets"], **changes["secrets"]} if changes["secrets"].get(secret, True)}
    assert kept == {"secret_key", "encryption_keys", "database_url", "database_owner_url", "redis_url"}


def test_the_health_checks_tell_what_is_wrong(start_server: StartServer, cast: Cast) -> None:
    server = start_server(WORKER_LAG_SECONDS="1")
    assert healthy("server", server.url) == (0, "")
    assert healthy("worker", "http://127.0.0.1:9", server.url) == (0, "")
    name_thread.enqueue(1, "thr_unknown")
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(hours=1))
    assert healthy("worker", server.url) == (1, "The worker does not keep up with its queue.")
    assert healthy("server", server.url) == (0, "")
    server.stop()
    assert healthy("server", server.url)[0] == 1
    assert healthy("worker", server.url)[0] == 1


def healthy(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "deploy/healthy.py", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr.strip()


def certificate(folder: Path, number: int, name: str) -> None:
    """One more version of a certificate, as certbot keeps them: in its archive, with symbolic links in ``live``."""
    archive, live = folder / "archive" / name, folder / "live" / "site"
    archive.mkdir(parents=True, exist_ok=True)
    live.mkdir(parents=True, exist_ok=True)
    files = {"fullchain": archive / f"fullchain{number}.pem", "privkey": archive / f"privkey{number}.pem"}
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "1",
    ]
    names = [
        "-subj",
        f"/CN={name}",
        "-set_serial",
        str(number),
        "-keyout",
        str(files["privkey"]),
    ]
    subprocess.run([*command, *names, "-out", str(files["fullchain"])], check=True, capture_output=True)
    for kind, file in files.items():
        (live / f"{kind}.pem").unlink(missing_ok=True)
        (live / f"{kind}.pem").symlink_to(f"../../archive/{name}/{file.name}")


@pytest.mark.skipif(nginx.PROGRAM is None, reason="There is no nginx on this machine.")
def test_nginx_reads_certbots_certificate_and_the_renewed_one(
    live_server_process: ServerProcess, tmp_path: Path, eventually: Callable[..., Any]
) -> None:
    certificate(tmp_path / "letsencrypt", 1, "chat.example.com")
    front = Nginx(tmp_path / "nginx.log", servers=[live_server_process] * 2, certificates=tmp_path / "letsencrypt")
    front.start()
    try:
        assert serial_at(front.tls_port) == 1
        certificate(tmp_path / "letsencrypt", 2, "chat.example.com")
        reload = (PROJECT / "deploy" / "certbot" / "reload-nginx").read_text().split(" exec -T nginx ")[1].split()
        assert reload == ["nginx", "-s", "reload"]
        front.signal(*reload[1:])
        eventually(lambda: serial_at(front.tls_port) == 2)
    finally:
        front.stop()


def serial_at(port: int) -> int:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain, context.wrap_socket(plain) as wrapped:
        found = wrapped.getpeercert(binary_form=True)
    assert found is not None
    return x509.load_der_x509_certificate(found).serial_number


@pytest.fixture
def worker(cast: Cast, provider: Provider) -> Iterator[None]:
    command = [sys.executable, "manage.py", "db_worker", "--no-reload", "--no-startup-delay", "--interval", "0.2"]
    variables = {"DATABASE_URL": databases.url_of(), **quick(provider)}
    process = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **variables}, stderr=subprocess.DEVNULL)
    yield
    process.terminate()
    process.wait(timeout=20)


def is_ready(server: ServerProcess) -> bool:
    return httpx.get(f"{server.url}/readyz", trust_env=False).status_code == 200


@pytest.mark.skipif(redis.PROGRAM is None, reason="There is no redis-server on this machine.")
@pytest.mark.skipif(nginx.PROGRAM is None, reason="There is no nginx on this machine.")
def test_two_servers_a_worker_redis_and_nginx_are_one_platform(
    start_server: StartServer,
    browse: Browse,
    provider: Provider,
    *,
    cast: Cast,
    worker: None,
    tmp_path: Path,
    eventually: Callable[..., Any],
) -> None:
    with redis.running_redis(tmp_path) as address:
        shared = quick(provider) | {
            "REDIS_URL": address,
            "TRUSTED_PROXY_COUNT": "1",
            "OFFLINE_WORD_DELAY_MS": "20",
            "PROVIDER_TIMEOUT_SECONDS": "60",
            "CHAT_HEARTBEAT_SECONDS": "600",  # so that nothing but its own bytes carries a word on
        }
        servers = [start_server(**shared), start_server(**shared)]
        front = Nginx(tmp_path / "nginx.log", servers=servers)
        front.start()
        try:
            dave, erin = browse(server=front).open("model"), browse(server=front).open()
            first, hold = Hold(), Hold()
            provider.will_say("One", first, " two", hold, " three")
            with dave.saying("count") as stream:
                stream.until_text("One")
                first.release()
                began = time.monotonic()
                stream.until_text(" two")  # few bytes, and passed on while the model is silent
                assert time.monotonic() - began < 10
                for server in servers:  # whichever of them writes it
                    with twin(browse, dave, server).attach(stream.run_id) as again:
                        again.until_text(" two")
                    # The producer's frames have numbers; those of the store have none.
                    assert again.ids == list(range(1, len(again.seen) + 1))
                    assert is_ready(server)
                # A rolling restart, the writing process first: it finishes, and the other one takes what is new.
                (writing,) = [server for server in servers if _is_writing(server)]
                writing.tell_to_end()
                eventually(lambda: not is_ready(writing))
                (other,) = [server for server in servers if server is not writing]
                for number in range(3):
                    assert erin.say(f"message {number}").text
                    assert is_ready(other)
                hold.release()
                assert text_of(stream.rest()) == "One two three"
            writing.wait()
            assert erin.say("still there?").text  # nobody listens at the first address any more
            writing.start()
            assert is_ready(writing)
            other.restart()
            assert is_ready(other)
            assert [item["type"] for item in dave.items(stream.seen[0]["thread"]["id"])][-1] == "assistant_message"
            assert not Run.objects.for_tenant(cast.acme).exclude(state="completed").exists()
            eventually(lambda: DBTaskResult.objects.filter(status="SUCCESSFUL").exists())
            # And the doctor, who comes by way of nginx, has nothing to say.
            assert list(PublicAddress(front.url).findings()) == []
        finally:
            front.stop()


def _is_writing(server: ServerProcess) -> bool:
    text = httpx.get(f"{server.url}/metrics", trust_env=False).text
    return 'chatplatform_active_runs{tenant="acme"} 1.0' in text

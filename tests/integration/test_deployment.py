"""The deployment of compose.yaml: read as Docker reads it, and its parts run together as processes of this machine."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from django_tasks_db.models import DBTaskResult

from chat.models import Run
from chatplatform.doctor.public_address import PublicAddress
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
            assert source.startswith("$") or source in compose()["volumes"] or (PROJECT / source).exists(), source
    known = {*variables_of_settings()}
    for name in ("web-1", "web-2", "worker", "migrate"):
        assert set(services[name]["environment"]) <= known
    conf = (PROJECT / "deploy" / "nginx" / "chatplatform.conf").read_text()
    assert set(re.findall(r"server ([\w-]+):8000", conf)) == {name for name in services if name.startswith("web")}


def test_what_answers_requests_is_given_what_a_line_names() -> None:
    services = compose()["services"]
    for name, service in services.items():
        # Of `.env` only what a line names: as a whole it would be everything that is in it.
        assert service.get("env_file") in (None, "platform.env"), name
    for name in ("web-1", "web-2", "worker"):
        named = set(re.findall(r"\$\{(\w+)", str(services[name])))
        assert named == {"CHAT_DB_PASSWORD", "TRUSTED_PROXY_COUNT", "EXTRA_APPS"}, name
        # Baked into the image, whose static files are those of these applications.
        assert services[name]["build"]["args"] == {"EXTRA_APPS": "${EXTRA_APPS:-}"}
        assert "EXTRA_APPS" not in services[name]["environment"]
        # A value that is given here goes before that of a file: what the guide has people set must be asked for.
        assert services[name]["environment"]["TRUSTED_PROXY_COUNT"] == "${TRUSTED_PROXY_COUNT:-1}"


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

"""What an operator watches: `/readyz`, `/metrics` and the log, of real processes.

A database that is away has its test in test_database_restart.py.
"""

import json
import re
from datetime import timedelta

import httpx
import pytest
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from chat.tasks import name_thread
from chatplatform.lib.queue import MOST
from tests.conftest import Browse, StartServer, quick
from tests.support.browsing import refusal
from tests.support.cast import Cast
from tests.support.provider import TOKENS, Hold, Provider, Refuse
from tests.support.servers import ServerProcess, free_port
from tests.support.workers import work

TOKEN = "watch-me-0123456789"


def get(server: ServerProcess, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{server.url}/{path}", headers=headers, trust_env=False)


def figures(server: ServerProcess, **headers: str) -> dict[str, float]:
    """Every sample by its name and labels."""
    response = get(server, "metrics", **headers)
    assert response.status_code == 200
    lines = [line for line in response.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_a_process_is_ready_when_everything_behind_it_is(live_server_process: ServerProcess) -> None:
    response = get(live_server_process, "readyz")
    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "checks": {
            "process": {"status": "ok"},
            "database": {"status": "ok"},
            "channel_layer": {"status": "ok"},
            "worker": {"status": "ok", "waiting_tasks": 0, "oldest_seconds": 0.0},
        },
    }
    assert "no-store" in response.headers["Cache-Control"]


def test_a_worker_that_lags_is_seen_until_it_has_caught_up(live_server_process: ServerProcess) -> None:
    name_thread.enqueue(1, "thr_unknown")
    assert get(live_server_process, "readyz").status_code == 200
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(hours=1))
    # What is to be done later waits for nobody.
    name_thread.using(run_after=timezone.now() + timedelta(hours=1)).enqueue(1, "thr_unknown")
    response = get(live_server_process, "readyz")
    assert (response.status_code, response.json()["ready"]) == (503, False)
    worker = response.json()["checks"].pop("worker")
    assert (worker["status"], worker["waiting_tasks"]) == ("failed", 1)
    assert 3600 <= worker["oldest_seconds"] < 3700
    found = figures(live_server_process)
    assert found["chatplatform_queued_tasks"] == 1
    assert 3600 <= found["chatplatform_oldest_task_seconds"] < 3700
    work({})
    response = get(live_server_process, "readyz")
    assert (response.status_code, response.json()["checks"]["worker"]["waiting_tasks"]) == (200, 0)


def test_a_long_queue_is_looked_at_in_part(live_server_process: ServerProcess) -> None:
    name_thread.enqueue(1, "thr_unknown")
    (task,) = DBTaskResult.objects.all()
    fields = {name: getattr(task, name) for name in ("args_kwargs", "task_path", "backend_name", "run_after")}
    DBTaskResult.objects.bulk_create([DBTaskResult(**fields) for _ in range(MOST)], batch_size=2000)
    assert get(live_server_process, "readyz").json()["checks"]["worker"]["waiting_tasks"] == MOST


def test_without_its_redis_a_process_is_not_ready(start_server: StartServer) -> None:
    address = f"redis://:secret-of-redis@127.0.0.1:{free_port()}/0"
    server = start_server(REDIS_URL=address, may_log_tracebacks=True)
    response = get(server, "readyz")
    assert response.status_code == 503
    verdicts = {name: check["status"] for name, check in response.json()["checks"].items()}
    assert verdicts == {"process": "ok", "database": "ok", "channel_layer": "failed", "worker": "ok"}
    assert "redis" not in response.text


def test_runs_are_counted_by_tenant_and_outcome(
    cast: Cast, provider: Provider, browse: Browse, start_server: StartServer
) -> None:
    server = start_server(METRICS_TENANTS="1", METRICS_TOKEN=TOKEN, LOG_FORMAT="json", **quick(provider))
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    # The token alone opens it.
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
        refused = get(server, "metrics", **headers)
        assert refusal(refused) == (401, "metrics_refused")
        assert refused.headers["WWW-Authenticate"] == "Bearer"

    dave = browse(server=server).open("model")
    hold = Hold()
    provider.will_say("One ", hold, "two")
    with dave.saying("SECRET-of-dave") as stream:
        stream.until_text("One ")
        found = figures(server, **bearer)
        assert found['chatplatform_active_runs{tenant="acme"}'] == 1
        assert found['chatplatform_active_streams{tenant="acme"}'] == 1
        hold.release()
        stream.rest()
    provider.will_say(Refuse(401))
    failed = dave.say("SECRET-of-dave")
    browse(cast.carol, server=server, tenant="globex").open().say("hello")

    found = figures(server, **bearer)
    assert found['chatplatform_runs_total{outcome="completed",tenant="acme"}'] == 1
    assert found['chatplatform_runs_total{outcome="failed",tenant="acme"}'] == 1
    assert found['chatplatform_runs_total{outcome="completed",tenant="(others)"}'] == 1
    assert found['chatplatform_active_runs{tenant="acme"}'] == 0
    assert found['chatplatform_active_streams{tenant="acme"}'] == 0
    assert found['chatplatform_first_token_seconds_count{tenant="acme"}'] == 1
    kinds = ("input", "cached", "output", "reasoning")
    assert [found[f'chatplatform_tokens_total{{kind="{kind}",tenant="acme"}}'] for kind in kinds] == list(TOKENS)
    assert "globex" not in " ".join(found)

    # Whoever reads the log finds the run, and nothing that was said.
    lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    (line,) = [line for line in lines if line.get("run_id") == failed.run_id]
    assert line["tenant"] == "acme"
    assert re.fullmatch(r"req_\w+", line["request_id"])
    assert (line["level"], line["logger"]) == ("WARNING", "chat.agents.providers.resilient")
    assert "provider_refused" in line["message"]
    assert "SECRET-of-dave" not in server.log


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_without_a_token_this_machine_may_look_and_its_proxy_may_not(
    live_server_process: ServerProcess, header: str
) -> None:
    assert "chatplatform_queued_tasks" in figures(live_server_process)
    response = get(live_server_process, "metrics", **{header: "127.0.0.1"})
    assert refusal(response) == (401, "metrics_refused")


@pytest.mark.django_db
@pytest.mark.parametrize("header", [{}, {"x-forwarded-for": "127.0.0.1"}, {"authorization": "Bearer "}])
def test_without_a_token_nobody_looks_at_a_public_installation(
    client: Client, settings: Settings, header: dict[str, str]
) -> None:
    """A proxy on this machine that does not say that it is one would bring everybody along."""
    settings.DEBUG, settings.METRICS_TOKEN = False, ""
    response = client.get("/metrics", headers=header)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "metrics_refused")
    assert response.headers["Cache-Control"]

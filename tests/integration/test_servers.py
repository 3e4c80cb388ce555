"""The servers that tests start are real, and see the test's data."""

import os
import signal
import subprocess

import httpx
import pytest
from django.contrib.auth import get_user_model

from tests.conftest import StartServer
from tests.support import databases
from tests.support.environment import PROJECT
from tests.support.servers import Kind, ServerProcess, free_port


def test_the_shared_server_answers(live_server_process: ServerProcess) -> None:
    assert httpx.get(live_server_process.url_of("127.0.0.1") + "/no-such-page").status_code == 404


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_each_server_program_serves_and_comes_back(start_server: StartServer, kind: Kind) -> None:
    server = start_server(kind=kind)
    first = server.pid
    server.restart(kill=True)
    assert server.pid != first
    assert httpx.get(f"{server.url}/no-such-page").status_code == 404


@pytest.mark.usefixtures("committed_database")
def test_what_make_run_starts_says_that_it_is_ready_when_it_is_and_ends_as_a_whole() -> None:
    port = free_port()
    environment = {**os.environ, "DATABASE_URL": databases.url_of(), "PORT": str(port)}
    with subprocess.Popen(
        [PROJECT / "scripts" / "run"], env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stdout is not None
        try:
            assert any("chatplatform is ready" in line for line in running.stdout)
            assert httpx.get(f"http://127.0.0.1:{port}/t/acme/", trust_env=False).status_code == 200
        finally:
            os.killpg(running.pid, signal.SIGINT)
    assert running.returncode == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(running.pid, 0)


@pytest.mark.parametrize("turn", [1, 2])
def test_committed_data_are_gone_after_a_test(committed_database: None, turn: int) -> None:
    users = get_user_model()._default_manager
    assert not users.exists()
    users.create(email="ada@example.com")

"""The servers that tests start are real, and see the test's data."""

import httpx
import pytest
from django.contrib.auth import get_user_model

from tests.conftest import StartServer
from tests.support.servers import Kind, ServerProcess


def test_the_shared_server_answers(live_server_process: ServerProcess) -> None:
    assert httpx.get(live_server_process.url_of("127.0.0.1") + "/no-such-page").status_code == 404


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_each_server_program_serves_and_comes_back(start_server: StartServer, kind: Kind) -> None:
    server = start_server(kind=kind)
    first = server.pid
    server.restart(kill=True)
    assert server.pid != first
    assert httpx.get(f"{server.url}/no-such-page").status_code == 404


@pytest.mark.parametrize("turn", [1, 2])
def test_committed_data_are_gone_after_a_test(committed_database: None, turn: int) -> None:
    users = get_user_model()._default_manager
    assert not users.exists()
    users.create(email="ada@example.com")

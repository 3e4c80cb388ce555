"""The servers that tests start are real, and see the test's data."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from django.contrib.auth import get_user_model

from tests.conftest import Browse, StartServer
from tests.support import databases
from tests.support.environment import PROJECT
from tests.support.flood import PIECE, PIECES
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


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Whatever a shell starts in the background ignores Ctrl-C: the tests, and with them all that they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("committed_database", "heeds_ctrl_c")
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


def test_who_reads_slowly_gets_a_long_answer_whole(browse: Browse) -> None:
    """More than sockets hold: the server has to wait for the reader in the middle, and goes on where it stood."""
    dave = browse().open()
    content = b"".join(b"%015d\n" % number for number in range(700_000))
    params = {"name": "notes.txt", "size": len(content), "mime_type": "text/plain"}
    announced = dave.ask("attachments.create", params)
    upload = announced["upload_descriptor"]
    assert httpx.put(upload["url"], content=content, headers=upload["headers"], trust_env=False).status_code == 200
    url = f"{dave.server.url}/api/chatkit/attachments/{announced['id']}/content?tenant={dave.tenant}"
    small = httpx.HTTPTransport(socket_options=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)])
    with httpx.Client(transport=small, headers=dave.http.headers, cookies=dave.http.cookies, timeout=30) as slow:
        for _ in range(2):  # on one connection: the second answer starts behind the end of the first
            assert slow.get(url).content == content


def test_who_reads_nothing_fills_no_memory() -> None:
    """The application waits: with Daphne alone it had sent everything before the reader got the first byte."""
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-p", str(port), "tests.support.flood:application"]
    with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            assert any("Listening on" in line for line in server.stderr)
            with socket.create_connection(("127.0.0.1", port)) as reader:
                reader.sendall(b"GET /flood HTTP/1.1\r\nHost: x\r\n\r\n")
                assert reader.recv(1)
                sent = httpx.get(f"http://127.0.0.1:{port}/sent", trust_env=False).text
                assert int(sent) < PIECES / 2
                rest = 0
                while piece := reader.recv(1_000_000):
                    rest += len(piece)
                    if rest > PIECES * len(PIECE):
                        break
            assert rest > PIECES * len(PIECE), "who reads on gets all of it"
        finally:
            server.terminate()


def test_an_answer_that_breaks_is_cut_and_nothing_is_left_of_it(
    tmp_path: Path, eventually: Callable[..., object]
) -> None:
    """Daphne looks after its connections in one task, which an error while it says so had ended for good."""
    server = ServerProcess(tmp_path / "server.log", application="tests.support.broken:application").start()
    try:
        with httpx.Client(base_url=server.url, trust_env=False, timeout=15) as reader:
            for path in ("/late", "/late?sized", "/early", "/late"):
                with reader.stream("GET", path) as response:
                    if path == "/early":
                        assert response.status_code == 500
                        continue
                    pieces = response.iter_raw()
                    assert next(pieces) == b"One"
                    with pytest.raises(httpx.RemoteProtocolError):  # cut, and not ended as if it were whole
                        next(pieces)
            for _ in range(50):
                assert reader.get("/connections").status_code == 200
            eventually(lambda: reader.get("/connections").text == "1")
    finally:
        server.stop()


@pytest.mark.parametrize("turn", [1, 2])
def test_committed_data_are_gone_after_a_test(committed_database: None, turn: int) -> None:
    users = get_user_model()._default_manager
    assert not users.exists()
    users.create(email="ada@example.com")

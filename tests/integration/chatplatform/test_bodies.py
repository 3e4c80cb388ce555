"""How large a body may be, by its route; what is larger is refused before it has been read."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Browse, StartServer
from tests.support.cast import Cast
from tests.support.servers import ServerProcess

FORM = {"content-type": "application/x-www-form-urlencoded"}
SOURCE = "/admin/chat/knowledgesource/add/"


def pieces(size: int) -> Iterator[bytes]:
    """A body whose length nobody announces."""
    for _ in range(size // 1_000):
        yield b"x" * 1_000


def announced(server: ServerProcess, method: str, path: str, size: int) -> tuple[int, bytes]:
    """Status and body of what the server says to the headers of a request alone."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: {size}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as connection:
        connection.sendall(head.encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65_536)
        headers, _, body = answer.partition(b"\r\n\r\n")
        (length,) = [
            int(line.split(b":")[1]) for line in headers.split(b"\r\n") if line.lower().startswith(b"content-length")
        ]
        while len(body) < length:
            body += connection.recv(65_536)
    return int(answer.split()[1]), body


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_a_body_has_an_end(start_server: StartServer, browse: Browse, cast: Cast, kind: str) -> None:
    server = start_server(kind=kind, PAGE_MAX_BODY_BYTES="50000")
    alice = browse(cast.alice, server=server).http
    for path in (SOURCE, "/login/"):
        for body in (b"x" * 60_000, pieces(60_000)):
            answer = alice.post(path, content=body, headers=FORM)
            assert answer.status_code == 413
            assert answer.text == "The request is larger than allowed. Shorten it and send it again.\n"
        for body in (b"x" * 40_000, pieces(40_000)):
            assert alice.post(path, content=body, headers=FORM).status_code in (302, 403)


#: Method, path, and the largest body that the route takes.
LIMITS = [
    ("POST", "/nowhere/", 16 * 1024),
    ("POST", "/api/nowhere", 16 * 1024),
    ("POST", "/api/chatkit/runs/run_1/nowhere", 16 * 1024),
    ("DELETE", "/api/chatkit", 16 * 1024),
    ("POST", "/api/chatkit/runs/run_1/cancel", 16 * 1024),
    ("POST", "/api/chatkit/session", 16 * 1024),
    ("POST", "/api/chatkit/refresh", 16 * 1024),
    ("POST", "/api/chatkit", 2 * 1024 * 1024),
    ("POST", "/login/", 2_621_440),
    ("POST", "/healthz", 2_621_440),
    ("POST", SOURCE, 2_621_440),  # of strangers
    ("PUT", "/api/chatkit/attachments/atc_1/content", 20 * 1024 * 1024 + 64 * 1024),
    ("POST", "/api/chatkit/attachments", 20 * 1024 * 1024 + 64 * 1024),
]


@pytest.mark.parametrize(("method", "path", "most"), LIMITS)
def test_what_a_route_does_not_take_is_refused_by_its_headers(
    live_server_process: ServerProcess, method: str, path: str, most: int
) -> None:
    """Not a byte of the body was sent: a server that reads it first would not answer."""
    status, body = announced(live_server_process, method, path, most + 1)
    assert status == 413
    if path.startswith("/api/"):
        assert json.loads(body)["error"]["code"] == "too_large"
    else:
        assert body.startswith(b"The request is larger than allowed.")


@pytest.mark.parametrize(("method", "path", "most"), LIMITS)
def test_a_body_of_unknown_length_is_refused_while_it_comes_in(
    live_server_process: ServerProcess, method: str, path: str, most: int
) -> None:
    url = f"{live_server_process.url}{path}"
    small = httpx.request(method, url, content=pieces(1_000), trust_env=False, timeout=15)
    assert small.status_code != 413
    large = httpx.request(method, url, content=pieces(most + 100_000), trust_env=False, timeout=15)
    assert large.status_code == 413
    assert large.headers["x-content-type-options"] == "nosniff"


def test_only_logins_send_files_to_the_panel(live_server_process: ServerProcess, browse: Browse, cast: Cast) -> None:
    alice, stranger = browse(cast.alice, server=live_server_process).http, browse(server=live_server_process).http
    stranger.cookies.set("sessionid", "x" * 32)
    for body in (b"x" * 3_000_000, pieces(3_000_000)):
        assert alice.post(SOURCE, content=body, headers=FORM).status_code == 403, "it lacks the token of the form"
    for body in (b"x" * 3_000_000, pieces(3_000_000)):
        assert stranger.post(SOURCE, content=body, headers=FORM).status_code == 413

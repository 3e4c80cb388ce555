"""A WebSocket that nothing serves is refused in the handshake: no page of an error, and nothing in the log."""

import socket

import pytest

from tests.conftest import StartServer
from tests.support.servers import Kind

_HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_a_handshake_is_refused_whatever_its_path_and_host(start_server: StartServer, kind: Kind) -> None:
    server = start_server(kind=kind)
    for path in ("/", "/api/chatkit", "/console/socket", "/no-such-page", "/admin/"):
        for host in (f"127.0.0.1:{server.port}", "nobody.example"):
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as raw:
                raw.sendall(_HANDSHAKE.format(path=path, host=host).encode())
                status = raw.recv(4096).split(b"\r\n")[0]
            assert b" 403 " in status, (path, host, status)
    assert "Traceback" not in server.log
    assert "Exception" not in server.log

"""Requests to addresses of strangers: over real sockets, to every address that must not be reached."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from chatplatform.lib import outbound
from chatplatform.lib.outbound import OutboundError, request, resolve
from tests.support.web import Web


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


@pytest.fixture
def allowed(web: Web, settings: Settings) -> Web:
    settings.OUTBOUND_ALLOWED_HOSTS = [web.host]
    return web


async def refused(url: str, method: str = "GET", **more: Any) -> str:
    with pytest.raises(OutboundError) as caught:
        await request(method, url, **more)
    assert url not in str(caught.value)
    return caught.value.reason


PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::1]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[fe80::1]",
    "[fec0::1]",
    "[fd00::1]",
    "[ff02::1]",
]


@pytest.mark.parametrize("host", PRIVATE)
async def test_an_address_that_is_not_public_is_not_asked(web: Web, host: str) -> None:
    assert await refused(f"http://{host}:{web.port}/") in ("not public", "no such host", "not an address")
    assert web.asked == []


@pytest.mark.parametrize("host", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "64:ff9b::101:101"])
async def test_a_public_address_is(host: str) -> None:
    assert str(await resolve("https", host, None)) == host


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "//x",
        "http://",
        "file:///etc/passwd",
        "ftp://1.1.1.1/",
        "gopher://1.1.1.1/",
        "http://[::1",
        "http://\0/",
        "http://a b/",
    ],
)
async def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    assert await refused(url) in ("not an address", "no such host", "not reachable")


async def test_a_host_that_is_allowed_is_asked(allowed: Web) -> None:
    response = await request("POST", f"{allowed.url}/x?y=1", headers={"X-Key": "secret"}, content=b"{}")
    assert (response.status, response.text) == (200, '{"state": "on its way"}')
    (asked,) = allowed.asked
    assert (asked.method, asked.path, asked.body, asked.headers["x-key"]) == ("POST", "/x?y=1", b"{}", "secret")
    assert asked.headers["host"] == allowed.host


async def test_only_the_port_that_is_allowed(allowed: Web, settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_HOSTS = [f"127.0.0.1:{allowed.port + 1}"]
    assert await refused(allowed.url) == "not public"


async def test_a_redirect_passes_the_same_door(allowed: Web) -> None:
    other = Web()
    try:
        assert await refused(f"{allowed.url}/to?url={other.url}/") == "not public"
        assert await refused(f"{allowed.url}/to?url=http://169.254.169.254/latest/meta-data/") == "not public"
        assert await refused(f"{allowed.url}/to?url=file:///etc/passwd") == "not an address"
        assert other.asked == []
    finally:
        other.stop()


async def test_secrets_do_not_follow_to_another_host(allowed: Web, settings: Settings) -> None:
    other = Web()
    settings.OUTBOUND_ALLOWED_HOSTS = [allowed.host, other.host]
    try:
        await request(
            "GET", f"{allowed.url}/to?url={other.url}/", headers={"X-Key": "secret", "Authorization": "secret"}
        )
        assert "secret" not in str(other.asked)
        await request("GET", f"{allowed.url}/to?url=/here", headers={"X-Key": "secret"})
        assert allowed.asked[-1].headers["x-key"] == "secret"
    finally:
        other.stop()


async def test_what_writes_is_not_sent_again_elsewhere(allowed: Web) -> None:
    response = await request("POST", f"{allowed.url}/to?url=/again", content=b"pay")
    assert response.status == 302
    assert len(allowed.asked) == 1


async def test_redirects_end(allowed: Web) -> None:
    url = f"{allowed.url}/"
    for _ in range(5):
        url = f"{allowed.url}/to?url={url.replace('&', '%26').replace('?', '%3F')}"
    assert await refused(url) == "too many redirects"


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/large", "too large"), ("/slow", "too late"), ("/drip", "too late"), ("/packed", "compressed")],
)
async def test_an_answer_has_limits(allowed: Web, path: str, reason: str) -> None:
    assert await refused(f"{allowed.url}{path}", seconds=0.5) == reason


async def test_nobody_there(settings: Settings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
        settings.OUTBOUND_ALLOWED_HOSTS = [host]
        assert await refused(f"http://{host}/") == "not reachable"


async def test_a_name_is_resolved_once(web: Web, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that says something else the second time is not asked a second time."""
    asked: list[str] = []

    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    name = f"rebind.example:{web.port}"
    assert await refused(f"http://{name}/") == "not public"
    settings.OUTBOUND_ALLOWED_HOSTS = [name]
    asked.clear()
    await request("GET", f"http://{name}/")
    # What connects resolves again, but the address, which needs no name server.
    assert asked[0] == "rebind.example"
    assert set(asked[1:]) <= {"127.0.0.1"}
    assert web.asked[0].headers["host"] == name


async def test_a_connection_stays_with_its_name(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another name at the same address has another one: what https has proved of the first says nothing of it."""
    connections: list[Any] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(asyncio.current_task())
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async def getaddrinfo(_host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings.OUTBOUND_ALLOWED_HOSTS = ["first.example", "second.example"]
        async with outbound.guarded_client() as client:
            for name, so_far in (("first", 1), ("first", 1), ("second", 2), ("first", 2)):
                assert (await outbound.ask(client, "GET", f"http://{name}.example:{port}/")).status == 200
                assert len(connections) == so_far
        await asyncio.gather(*connections)


def test_the_client_of_other_libraries_follows_no_redirect() -> None:
    assert outbound.guarded_client().follow_redirects is False

"""The one HTTP client for addresses that tenants or users bring: HTTP tools, MCP servers, webhooks, documents.

A host name is resolved once, every address of it is looked at, and the connection goes to the address that was looked at: a name
server that answers differently the second time gains nothing.  Each hop of a redirect passes the same door.
"""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_BYTES = 1_000_000
MAX_REDIRECTS = 3
SECONDS = 15.0

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_HEADERS = {"accept-encoding": "identity", "user-agent": "chatplatform"}


class OutboundError(Exception):
    """A request that was not made, or not answered as it must be.  ``reason`` is a short phrase without addresses or secrets."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer that was read to its end."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@functools.cache
def _trusted() -> ssl.SSLContext:
    """Whom https believes: read once, as the list is long."""
    return httpx2.create_ssl_context(trust_env=False)


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Connects to public addresses, and to the hosts of the setting `OUTBOUND_ALLOWED_HOSTS`.

    Connections are kept by name.  Two hosts at one address share none: what https has proved of one says nothing of the other.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._of_host: dict[bytes, httpx2.AsyncHTTPTransport] = {}
        self._max_bytes = max_bytes

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises: OutboundError: the address is not one of those, or the answer is compressed or (later) too large."""
        host = request.url.host
        address = await resolve(request.url.scheme, host, request.url.port)
        pinned = request.url.copy_with(host=str(address))
        # The name stays where it belongs: in the header, and in the certificate that is asked for.
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
        headers.append((b"Host", request.url.netloc))
        extensions = {**request.extensions, "sni_hostname": host}
        if (inner := self._of_host.get(request.url.netloc)) is None:
            inner = self._of_host[request.url.netloc] = httpx2.AsyncHTTPTransport(_trusted())
        response = await inner.handle_async_request(
            httpx2.Request(request.method, pinned, headers=headers, stream=request.stream, extensions=extensions)
        )
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise OutboundError("compressed")  # it was asked not to be, and may be a bomb
        response.stream = _Capped(response.stream, self._max_bytes)  # type: ignore[arg-type]
        return response

    async def aclose(self) -> None:
        for inner in self._of_host.values():
            await inner.aclose()


class _Capped(httpx2.AsyncByteStream):
    """An answer that breaks off where it becomes too large."""

    def __init__(self, stream: httpx2.AsyncByteStream, max_bytes: int) -> None:
        self._stream = stream
        self._left = max_bytes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            self._left -= len(piece)
            if self._left < 0:
                raise OutboundError("too large")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


def guarded_client(
    *, headers: Mapping[str, str] | None = None, timeout: float = SECONDS, max_bytes: int = MAX_BYTES
) -> httpx2.AsyncClient:
    """A client for libraries that bring their own protocol.  It follows no redirect; each answer has an end."""
    return httpx2.AsyncClient(
        transport=GuardedTransport(max_bytes), headers={**_HEADERS, **(headers or {})}, timeout=timeout, trust_env=False
    )


async def request(method: str, url: str, *, max_bytes: int = MAX_BYTES, **given: Any) -> Response:
    """One request by a client of its own, as `ask`."""
    async with guarded_client(max_bytes=max_bytes) as client:
        return await ask(client, method, url, **given)


async def ask(
    client: httpx2.AsyncClient,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
    seconds: float = SECONDS,
    redirects: int = MAX_REDIRECTS,
) -> Response:
    """Make one request by a `guarded_client` and read the answer, within so many seconds altogether.

    A GET follows up to so many redirects; one that leads to another host goes without ``headers``, which may be secret.

    Raises:
        OutboundError: the address is refused, nobody answers, or the answer is too large, compressed or too late.
    """
    try:
        async with asyncio.timeout(seconds):
            given, target = dict(headers or {}), httpx2.URL(url)
            for _ in range(redirects + 1):
                answer = await client.request(method, target, headers=given, content=content, timeout=seconds)
                location = answer.headers.get("location")
                if method != "GET" or location is None or not answer.is_redirect:
                    return Response(answer.status_code, answer.content, dict(answer.headers))
                following = target.join(location)
                if (following.scheme, following.host, following.port) != (target.scheme, target.host, target.port):
                    given = {}
                target = following
    except TimeoutError:
        raise OutboundError("too late") from None
    except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, UnicodeError):
        raise OutboundError("not an address") from None
    except httpx2.HTTPError:
        raise OutboundError("not reachable") from None
    raise OutboundError("too many redirects")


async def resolve(scheme: str, host: str, port: int | None) -> Address:
    """The address to connect to.

    Raises:
        OutboundError: no http(s), no such host, or one of its addresses is not public.
    """
    if scheme not in ("http", "https") or not host:
        raise OutboundError("not an address")
    number = port or (443 if scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, number, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise OutboundError("no such host") from None
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not _is_allowed(host, number) and not all(is_public(address) for address in addresses):
        raise OutboundError("not public")
    return addresses[0]


def is_guarded(url: str) -> bool:
    """Whether nobody on the way can answer in a host's place: by https, or where `OUTBOUND_ALLOWED_HOSTS` knows the way."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if (
        not host
        or parts.username is not None
        or parts.password is not None
        or not url.isascii()
        or not url.isprintable()
    ):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_allowed(host, port or 80))


def is_public(address: Address) -> bool:
    """Whether an address is of the public internet, also where it carries another one inside."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is None and int(address) >> 32 == 0:  # the old IPv4-compatible form
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast


def _is_allowed(host: str, port: int) -> bool:
    allowed = settings.OUTBOUND_ALLOWED_HOSTS
    return host.lower() in allowed or f"{host}:{port}".lower() in allowed

"""Plain ASGI requests and answers.

The chat's API is served beside Django's handler, not through it: a streamed answer through Django's request stack costs about three
milliseconds more.  What Django would check on the way (host, size, content type, origin) is checked here and in the gate.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

import orjson
from django.conf import settings
from django.http.cookie import parse_cookie

from chatplatform.lib.client_address import client_address, client_network
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.https import is_https
from chatplatform.lib.ids import new_id

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

#: Sent with every answer of the API, beside those of `chatplatform.lib.security_headers`.
_ALWAYS = [
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"vary", b"Cookie, Origin"),
]
#: Neither a proxy nor a browser may keep or hold back a stream.
STREAM_HEADERS = {
    "content-type": "text/event-stream",
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
}
#: A comment line: it keeps proxies from cutting a silent stream, and clients ignore it.
PING = b": ping\n\n"


@dataclass(eq=False)
class Request:
    """One HTTP request."""

    scope: Scope
    receive: Receive
    send: Send

    def __post_init__(self) -> None:
        self.method: str = self.scope["method"]
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.scope["headers"]}
        self.is_started = False
        self._sender: asyncio.Task[None] | None = None
        self._last_piece: bytes | None = None
        self._body: bytes | None = None
        # Ours alone: what a caller sends would come into logs and the audit log.
        self.request_id = new_id("request")

    @property
    def host(self) -> str:
        """The host and port that the browser asked for; `chat.routing` has looked whether it is one of ours."""
        return str(self.headers.get("host", "")).lower()

    @cached_property
    def is_https(self) -> bool:
        """Whether the browser came by https, by the word of a trusted proxy if there is one."""
        return is_https(self.scope)

    @property
    def own_origin(self) -> str:
        """Scheme, host and port of this very address, as browsers write an origin."""
        return f"{'https' if self.is_https else 'http'}://{self.host}"

    @property
    def address_for_audit(self) -> str | None:
        """The client's, where events keep it."""
        if not settings.AUDIT_ADDRESSES:
            return None
        return client_address(self._client)

    @cached_property
    def client_network(self) -> str:
        """Under what requests of the client's address are counted."""
        return client_network(self._client)

    @property
    def _client(self) -> dict[str, str]:
        sender = (self.scope.get("client") or ("",))[0]
        return {"HTTP_X_FORWARDED_FOR": self.headers.get("x-forwarded-for", ""), "REMOTE_ADDR": sender}

    @cached_property
    def query(self) -> dict[str, str]:
        """The last value of each query parameter."""
        parsed = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
        return {name: values[-1] for name, values in parsed.items()}

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        return parse_cookie(self.headers.get("cookie", ""))

    async def body(self, limit: int) -> bytes:
        """The whole body, which is kept; raises as `pieces`."""
        if self._body is None:
            self._body = b"".join([piece async for piece in self.pieces(limit)])
        return self._body

    @property
    def announced_size(self) -> int | None:
        """The length of the body, where the caller says it."""
        announced = self.headers.get("content-length", "")
        return int(announced[:18]) if announced.isascii() and announced.isdigit() else None

    async def pieces(self, limit: int) -> AsyncIterator[bytes]:
        """The body as it comes in.

        Raises:
            PlatformError: ``too_large``, as soon as more than ``limit`` bytes are announced or seen.
            ConnectionError: the client went away.
        """
        if (self.announced_size or 0) > limit:
            raise PlatformError("too_large")
        size = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError
            piece = message.get("body", b"")
            size += len(piece)
            if size > limit:
                raise PlatformError("too_large")
            yield piece
            if not message.get("more_body"):
                return

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the status and the headers."""
        lines = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        lines += [line for line in _ALWAYS if line[0].decode() not in headers]
        lines.append((b"x-request-id", self.request_id.encode()))
        self.is_started = True
        await self.send({"type": "http.response.start", "status": status, "headers": lines})

    async def answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send a whole JSON answer."""
        base = {"content-type": "application/json", "cache-control": "no-store", "content-length": str(len(body))}
        await self.start(status, {**base, **(headers or {})})
        await self.send({"type": "http.response.body", "body": body})

    async def refuse(self, error: PlatformError) -> None:
        """Send the error envelope."""
        await self.answer(error.status, orjson.dumps(error.envelope(self.request_id)), error.headers)

    async def send_pieces(self, pieces: AsyncIterator[bytes]) -> None:
        """Send a body of known length; the server itself ends this when the client goes away."""
        async for piece in pieces:
            await self.send({"type": "http.response.body", "body": piece, "more_body": True})
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def stream(self, pieces: AsyncIterator[bytes]) -> None:
        """Send pieces as they come, until they end or the client goes away; an empty piece is sent as a ping."""
        gone = asyncio.ensure_future(self._until_gone())
        sender = self._sender = asyncio.current_task()
        # A reader that left must not wait for the next frame: the run goes on, only this copy of it ends.
        gone.add_done_callback(lambda task: None if task.cancelled() or sender is None else sender.cancel())
        try:
            if self._last_piece is not None:
                raise asyncio.CancelledError  # It was cut before it began.
            async for piece in pieces:
                await self.send({"type": "http.response.body", "body": piece or PING, "more_body": True})
            gone.cancel()
            await self.send({"type": "http.response.body", "body": b"", "more_body": False})
        except asyncio.CancelledError:
            if self._last_piece is not None:
                await self.send({"type": "http.response.body", "body": self._last_piece, "more_body": False})
            elif not gone.done() or gone.cancelled():
                raise  # the server itself ends this request
        finally:
            self._sender = None
            gone.cancel()

    def cut(self, last: bytes) -> None:
        """End the stream that is being sent, or will be, with a last piece."""
        self._last_piece = last
        if self._sender is not None:
            self._sender.cancel()

    async def _until_gone(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass

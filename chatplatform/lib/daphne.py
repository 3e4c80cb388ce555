"""What Daphne does at a price that streams feel, or not at all.

Daphne has no setting for any of them, so that they are put in place of Twisted's and Daphne's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import unquote

from daphne import access, http_protocol
from django.conf import settings
from twisted.internet import tcp

from chatplatform.lib.bodies import BodyLimit, refusal_of
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.storage_errors import storage_error
from chatplatform.lib.ids import new_id

logger = logging.getLogger(__name__)

#: For how long the rest of a refused body is dropped before the connection is closed.
LINGER_SECONDS = 2.0
#: Completes the headers of a response to a request of a scope.
Complete = Callable[[dict[str, Any], list[tuple[bytes, bytes]]], list[tuple[bytes, bytes]]]


class FormlessRequest(http_protocol.WebRequest):  # type: ignore[misc]  # Daphne has no types.
    """A request whose body is left to the application.

    Twisted would read a multipart body with the parser of e-mails, on the event loop and before our gate: a stranger's 20 MB stop
    every stream for a quarter of a second.  It answers a broken one itself, and spends 40 us on the content type of every other
    request.  ASGI applications never see what it found.

    Twisted writes a body of more than 100 KB to a temporary file, before the application hears of the request.  When the disk is
    full, it cut the connection; here the rest of the body is read and dropped, and the answer says what is wrong.
    """

    content: Any
    _storage_error: PlatformError | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options, parsePOSTFormSubmission=False)

    def handle_exception(self, exception: BaseException) -> None:
        """Cut the connection of an answer that has begun, so that its reader knows that it is not whole.

        Daphne would begin another answer, which raises an error, and would never look after its connections again.
        """
        if self._response_started and not self.finished:
            if self.channel is not None:
                self.channel.loseConnection()
        else:
            super().handle_exception(exception)

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        try:
            super().gotLength(length)
        except OSError as error:
            self._drop(error)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        if self._storage_error is None:
            try:
                super().handleContentChunk(data)
            except OSError as error:
                self._drop(error)

    def process(self) -> Any:
        if self._storage_error is None:
            try:
                self.content.flush()
            except OSError as error:
                self._drop(error)
        return super().process() if self._storage_error is None else self._refuse(self._storage_error)

    def _drop(self, error: OSError) -> None:
        self._storage_error = storage_error(error) or PlatformError("file_storage_unavailable")
        with contextlib.suppress(OSError):  # It writes what is left in the buffer.
            if self.content is not None:
                self.content.close()
        self.content = io.BytesIO()

    def _refuse(self, error: PlatformError) -> None:
        request_id = new_id("request")
        self.setResponseCode(error.status)
        headers = {"content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff"}
        for name, value in {**headers, **error.headers, "x-request-id": request_id}.items():
            self.setHeader(name.encode(), value.encode())
        self.write(json.dumps(error.envelope(request_id)).encode())
        self.finish()


class BoundedRequest(FormlessRequest):
    """A request whose body is refused once it is announced, or has become, larger than its route takes.

    Daphne reads a whole body before it asks the application anything: 100 MB for a page that does not exist.
    """

    limit: ClassVar[BodyLimit]
    complete: ClassVar[Complete]
    _most: int | None = None
    _size = 0
    _is_refused = False

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """The headers are here; the length is None where the body comes in chunks."""
        if length != 0:
            may_be_login = settings.SESSION_COOKIE_NAME.encode() in self.received_cookies
            self._most = type(self).limit(self.channel._command.decode("latin-1"), self._route, may_be_login)
        if self._most is not None and (length or 0) > self._most:
            self._refuse_size()
        super().gotLength(0 if self._is_refused else length)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self._size += len(data)
        if self._most is not None and self._size > self._most and not self._is_refused:
            self._refuse_size()
        if not self._is_refused:
            super().handleContentChunk(data)

    def process(self) -> None:
        if self._is_refused:
            self.channel.loseConnection()  # Nothing is on its way that would have the client miss the answer.
        else:
            super().process()

    @property
    def _route(self) -> str:
        return unquote(self.channel._path.partition(b"?")[0].decode("latin-1"))

    def _refuse_size(self) -> None:
        """Answer at once.  What still comes is dropped for a moment: a client that is cut off while it sends reads no answer."""
        self._is_refused = True
        status, headers, body = refusal_of(self._route, PlatformError("too_large"))
        given = [(name.lower(), value) for name, values in self.requestHeaders.getAllRawHeaders() for value in values]
        scope = {"scheme": "https" if self.isSecure() else "http", "headers": given}
        lines = type(self).complete(scope, [(name.encode(), value.encode()) for name, value in headers.items()])
        head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nconnection: close\r\n".encode()
        self.channel.transport.write(head + b"".join(b"%b: %b\r\n" % line for line in lines) + b"\r\n" + body)
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self.channel.loseConnection)


class PromptConnection(tcp.Server):
    """A connection that writes before the loop goes on, and asks the selector only when the socket is full.

    Twisted has the selector say that a socket can be written to before it writes: two changes of its table and another turn of
    the loop for every frame of a stream, a third of what a frame costs.  What is written in one turn still goes in one piece.

    Who writes more than the reader takes may wait for `room`.
    """

    _is_flush_due = False
    _waiting: asyncio.Future[None] | None = None

    def startWriting(self) -> None:  # noqa: N802 - Twisted's name
        if not self._is_flush_due:
            self._is_flush_due = True
            self.reactor._asyncioEventloop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flush_due = False
        if self.connected:
            self.reactor._readOrWrite(self, read=False)
            if self.connected and self.dataBuffer:
                super().startWriting()  # type: ignore[no-untyped-call]

    async def room(self) -> None:
        """Until what was written has been sent, if it was too much to be kept, or until the reader is gone."""
        while self.producerPaused and self.connected:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

    def doWrite(self) -> Any:  # noqa: N802 - Twisted's name
        failure = super().doWrite()  # type: ignore[no-untyped-call]
        self._wake()
        return failure

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        super().connectionLost(reason)
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not (self.producerPaused and self.connected):
            if not self._waiting.done():
                self._waiting.set_result(None)
            self._waiting = None


def _without_query(write: Any) -> Any:
    """An access log of paths alone: behind them stands what people search for, and keys of links."""

    def log(generator: Any, protocol: str, action: str, details: dict[str, Any]) -> None:
        if "path" in details:
            details = {**details, "path": str(details["path"]).partition("?")[0]}
        write(generator, protocol, action, details)

    return log


def improve_daphne(limit: BodyLimit | None = None, complete: Complete = lambda _scope, headers: headers) -> None:
    """Have Daphne make such requests on such connections, wait for their readers, and log no queries.

    Args:
        limit: of the bodies.
        complete: adds the headers that every response has.
    """
    access.AccessLogGenerator.__call__ = _without_query(access.AccessLogGenerator.__call__)
    if limit is not None:
        BoundedRequest.limit, BoundedRequest.complete = staticmethod(limit), staticmethod(complete)
    http_protocol.WebRequest = FormlessRequest if limit is None else BoundedRequest
    tcp.Port.transport = PromptConnection
    # Imported by Daphne itself alone: it brings a loop along.
    if (running := sys.modules.get("daphne.server")) is not None:
        running.Server.handle_reply = _waiting_for_readers(running.Server.handle_reply)
        for protocol in (http_protocol.WebRequest, running.WebSocketFactory.protocol):
            protocol.handle_exception = _never_raising(protocol.handle_exception)


def _waiting_for_readers(handle_reply: Any) -> Any:
    """An application's `send` that comes back when there is room for more, as ASGI servers do.

    Daphne's came back at once: twenty readers of a large file who took nothing of it filled the memory with twenty copies.
    """

    async def send(server: Any, protocol: Any, message: Any) -> None:
        await handle_reply(server, protocol, message)
        channel = getattr(protocol, "channel", None)
        connection = channel.transport if channel is not None else None
        if isinstance(connection, PromptConnection) and connection.producerPaused:
            await connection.room()

    return send


def _never_raising(handle_exception: Callable[[Any, BaseException], None]) -> Callable[[Any, BaseException], None]:
    """What Daphne calls for an application that failed, from the only task that removes connections that are closed.

    An error here ended that task: from then on every request left its connection in memory.
    """

    def handle(protocol: Any, exception: BaseException) -> None:
        try:
            handle_exception(protocol, exception)
        except Exception as error:  # noqa: BLE001 - the task looks after all other connections, too
            logger.error("a connection could not be told that its application failed: %s", type(error).__name__)  # noqa: TRY400

    return handle

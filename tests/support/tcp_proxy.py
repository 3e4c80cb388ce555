"""A proxy between a process and a server of ours (PostgreSQL, Redis), set up well until a test spoils the line."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit, urlunsplit

T = TypeVar("T")
_PIECE = 65_536


class TcpProxy:
    """Listens on a port of this machine and passes everything on to ``target``: a host and port, or the path of a socket."""

    def __init__(self, target: tuple[str, int] | str) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tcp-proxy", daemon=True)
        self._thread.start()
        self._flows = asyncio.Event()
        self._delay = 0.0
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self.port = 0
        self._call(self._listen())

    def cut(self) -> None:
        """Close all connections, and refuse new ones."""
        self._call(self._cut())

    def hang(self) -> None:
        """Pass nothing on any more, of old connections and new ones, and close none."""
        self._call(self._set(flows=False))

    def slow(self, seconds: float) -> None:
        """Let each piece wait so long."""
        self._call(self._set(delay=seconds))

    def restore(self) -> None:
        """Everything works again; what hung goes on."""
        self._call(self._set())
        self._call(self._listen())

    def stop(self) -> None:
        self._call(self._cut())
        self._call(self._finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)

    async def _set(self, *, flows: bool = True, delay: float = 0.0) -> None:
        self._delay = delay
        if flows:
            self._flows.set()
        else:
            self._flows.clear()

    async def _listen(self) -> None:
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._connections):
            writer.transport.abort()
        self._flows.set()  # What hung finds its connection closed.

    async def _finish(self) -> None:
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            await self._flows.wait()
            if isinstance(self._target, str):
                other_reader, other_writer = await asyncio.open_unix_connection(self._target)
            else:
                other_reader, other_writer = await asyncio.open_connection(*self._target)
            self._connections.add(other_writer)
            try:
                await asyncio.gather(self._pass(reader, other_writer), self._pass(other_reader, writer))
            finally:
                self._connections.discard(other_writer)
                other_writer.transport.abort()
        except OSError:
            pass
        finally:
            self._connections.discard(writer)
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(_PIECE):
                await self._flows.wait()
                if self._delay:
                    await asyncio.sleep(self._delay)
                writer.write(piece)
                await writer.drain()
        writer.transport.abort()


def database_proxy(url: str) -> tuple[TcpProxy, str]:
    """A proxy before the database of a ``DATABASE_URL``, and the URL by way of it."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    folder, port = query.get("host", [""])[0], query.get("port", ["5432"])[0]
    proxy = TcpProxy(
        f"{folder}/.s.PGSQL.{port}" if folder else (parts.hostname or "127.0.0.1", parts.port or 5432),
    )
    user = parts.netloc.rpartition("@")[0]
    return proxy, urlunsplit((parts.scheme, f"{user}@127.0.0.1:{proxy.port}", parts.path, "", ""))

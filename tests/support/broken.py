"""An ASGI application that fails: ``/early`` before its answer begins, ``/late`` in the middle; ``/connections`` counts them."""

import gc
from typing import Any

from daphne.server import Server

from chatplatform.lib.daphne import improve_daphne


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["path"] == "/early":
        raise RuntimeError("early")
    headers = [(b"content-length", b"1000")] if scope["query_string"] == b"sized" else []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["path"] == "/late":
        await send({"type": "http.response.body", "body": b"One", "more_body": True})
        raise RuntimeError("late")
    (server,) = [found for found in gc.get_objects() if isinstance(found, Server)]
    await send({"type": "http.response.body", "body": str(len(server.connections)).encode()})


improve_daphne()

"""The floor: an ASGI application that parses nothing, stores nothing and sends bytes made beforehand."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from benchmarks.scripted import words

_HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
_CREATED = (
    b'data: {"type":"thread.created","thread":{"id":"thr_0123456789abcdef","created_at":"2026-01-01T00:00:00",'
    b'"status":{"type":"active"},"metadata":{},"items":{"data":[],"has_more":false}}}\n\n'
)
_DELTA = (
    b'data: {"type":"thread.item.updated","item_id":"msg_0123456789abcdef0123456789abcdef",'
    b'"update":{"type":"assistant_message.content_part.text_delta","content_index":0,"delta":"%b"}}\n\n'
)
_DONE = (
    b'data: {"type":"thread.item.done","item":{"id":"msg_0123456789abcdef","text":"'
    + b"word @1234567890123456 " * 200
    + b'"}}\n\n'
)
_READY = [_DELTA % b"word @1234567890123456 "] * 200


async def application(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    if scope["type"] != "http":
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break

    async def piece(data: bytes, *, more: bool = True) -> None:
        await send({"type": "http.response.body", "body": data, "more_body": more})

    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await piece(_CREATED)
    order = re.search(rb'"text":"(\d+,\d+)"', body)
    if order and not order[1].endswith(b",0"):
        async for word in words(order[1].decode()):
            await piece(_DELTA % word.encode())
    else:
        for ready in _READY:
            await piece(ready)
    await piece(_DONE)
    await piece(b"", more=False)

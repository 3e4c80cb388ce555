"""WebSockets that nothing here serves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any


async def refuse(
    _scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Refuse the handshake; the server answers it with 403, whatever the path, the host or the origin."""
    await receive()
    await send({"type": "websocket.close"})

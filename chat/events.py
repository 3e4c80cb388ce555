"""The door to the channel layer: how processes talk about runs.

Every process that produces runs listens on one channel, whose name stands in `Run.owner`.  A process that a reader attached to
asks the owner for the frames; one that is asked to cancel tells the owner.  With the in-memory layer nobody else can hear us, and
readers in other processes live from what is stored.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import Context
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer, get_channel_layer

logger = logging.getLogger(__name__)
Handler = Callable[[dict[str, Any]], Awaitable[None]]


class ProcessChannel:
    """This process's mailbox for one event loop."""

    def __init__(self, handlers: dict[str, Handler]) -> None:
        self._handlers = handlers
        self._task: asyncio.Task[None] | None = None
        self._jobs: set[asyncio.Task[None]] = set()
        self.name = ""

    async def open(self) -> str:
        """Start to listen (once); returns the channel's name."""
        if not self.name:
            self.name = await get_channel_layer().new_channel("runs")
            # In a context of its own: what it logs is not about the request that happened to come first.
            self._task = asyncio.create_task(self._listen(), context=Context())
        return self.name

    async def _listen(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                message = await layer.receive(self.name)
            except Exception as error:  # noqa: BLE001 - Redis is away: runs go on, and so do we when it is back
                logger.warning("channel layer: %s", type(error).__name__)
                await asyncio.sleep(1)
                continue
            handler = self._handlers.get(message.get("type", ""))
            if handler is not None:
                job = asyncio.create_task(self._handle(handler, message))
                self._jobs.add(job)
                job.add_done_callback(self._jobs.discard)

    async def _handle(self, handler: Handler, message: dict[str, Any]) -> None:
        try:
            await handler(message)
        except Exception as error:  # noqa: BLE001 - one bad message must not stop the mailbox
            logger.warning("channel message %s failed: %s", message.get("type"), type(error).__name__)


async def tell(channel: str, message: dict[str, Any]) -> bool:
    """Send to one channel; False when nobody can be reached there now."""
    layer = get_channel_layer()
    if isinstance(layer, InMemoryChannelLayer):
        return False  # another process hears nothing of this one's memory; this one's runs are in its registry
    try:
        await layer.send(channel, message)
    except ChannelFull:
        return False
    except Exception as error:  # noqa: BLE001 - whatever the layer's client raises when Redis is away
        logger.warning("channel layer: %s", type(error).__name__)
        return False
    return True


async def hears_itself() -> bool:
    """Whether a message to this process arrives by way of the layer; waits for it."""
    layer = get_channel_layer()
    try:
        name = await layer.new_channel("probe")
        await layer.send(name, {"type": "probe"})
        await layer.receive(name)
    except Exception as error:  # noqa: BLE001 - whatever the layer's client raises when Redis is away
        logger.warning("channel layer: %s", type(error).__name__)
        return False
    return True


@contextlib.asynccontextmanager
async def replies() -> AsyncIterator[tuple[str, Callable[[float], Awaitable[dict[str, Any] | None]]]]:
    """A channel for answers: its name, and a function that waits so many seconds for the next one (None: none came)."""
    layer = get_channel_layer()
    name = await layer.new_channel("reader")

    async def receive(timeout: float) -> dict[str, Any] | None:
        try:
            async with asyncio.timeout(timeout):
                message: dict[str, Any] = await layer.receive(name)
                return message
        except TimeoutError:
            return None
        except Exception as error:  # noqa: BLE001 - Redis is away, and whoever would have answered cannot
            logger.warning("channel layer: %s", type(error).__name__)
            return None

    yield name, receive

"""The door to the channel layer: how processes talk about runs.

Every process has one mailbox for each event loop: one channel of the layer, whose name stands in `Run.owner`.  A process that a
reader attached to asks the owner for the frames; one that is asked to cancel tells the owner.  With the in-memory layer no other
process can be reached, and readers there live from what is stored.

All messages to a process share that one channel.  `channels_redis` has one receive lock for a process, and one key in Redis for
each prefix of a channel's name: while one task waits at one key, it holds the lock, and nothing is received from the others.  So
there is one prefix and one task that receives, and messages for a reader carry the reader's id.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, Final

from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer, get_channel_layer

from chatplatform.lib.ids import new_id

logger = logging.getLogger(__name__)
Message = dict[str, Any]
Handler = Callable[[Message], Awaitable[None]]

#: The only prefix of channel names.
_PREFIX: Final = "runs"
#: How many messages may wait for a reader whose browser takes none; it is told that it missed some, and attaches again.
_MAX_WAITING: Final = 200


@dataclass(frozen=True, slots=True)
class Replies:
    """Where messages for one reader arrive.  ``address`` goes into the message that asks for them."""

    address: Message
    _queue: asyncio.Queue[Message]

    async def receive(self, timeout: float) -> Message | None:
        """The next message; None when none came within ``timeout`` seconds."""
        try:
            async with asyncio.timeout(timeout):
                return await self._queue.get()
        except TimeoutError:
            return None


@dataclass(eq=False)
class Mailbox:
    """What other processes send to this one, for one event loop."""

    name: str = ""
    _handlers: dict[str, Handler] = field(default_factory=dict)
    _readers: dict[str, asyncio.Queue[Message]] = field(default_factory=dict)
    _listener: asyncio.Task[None] | None = None
    _jobs: set[asyncio.Task[None]] = field(default_factory=set)

    def handle(self, kind: str, handler: Handler) -> None:
        """Have ``handler`` called with each message of this type, in a task of its own."""
        self._handlers[kind] = handler

    async def open(self) -> str:
        """Start to listen (once); returns the channel's name."""
        if not self.name:
            self.name = await get_channel_layer().new_channel(_PREFIX)
            # In a context of its own: what it logs is not about the request that happened to come first.
            self._listener = asyncio.create_task(self._listen(), context=Context())
        return self.name

    @contextlib.asynccontextmanager
    async def replies(self) -> AsyncIterator[Replies]:
        """While the block lasts, messages to its address come here."""
        name, reader, queue = await self.open(), new_id("request"), asyncio.Queue[Message](_MAX_WAITING)
        self._readers[reader] = queue
        try:
            yield Replies({"channel": name, "reader": reader}, queue)
        finally:
            del self._readers[reader]

    async def _listen(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                message = await layer.receive(self.name)
            except Exception as error:  # noqa: BLE001 - Redis is away: runs go on, and so do we when it is back
                logger.warning("channel layer: %s", type(error).__name__)
                await asyncio.sleep(1)
                continue
            if (reader := message.get("reader")) is not None:
                self._hand_over(reader, message)
            elif (handler := self._handlers.get(message.get("type", ""))) is not None:
                job = asyncio.create_task(self._handle(handler, message))
                self._jobs.add(job)
                job.add_done_callback(self._jobs.discard)

    def _hand_over(self, reader: str, message: Message) -> None:
        queue = self._readers.get(reader)
        if queue is None:
            return  # it has left
        if queue.full():
            queue.get_nowait()
            message = {"type": "missed"}
        queue.put_nowait(message)

    async def _handle(self, handler: Handler, message: Message) -> None:
        try:
            await handler(message)
        except Exception as error:  # noqa: BLE001 - one bad message must not stop the mailbox
            logger.warning("channel message %s failed: %s", message.get("type"), type(error).__name__)


_mailboxes: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Mailbox] = weakref.WeakKeyDictionary()


def mailbox() -> Mailbox:
    """The mailbox of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _mailboxes.get(loop)
    if found is None:
        found = _mailboxes[loop] = Mailbox()
    return found


async def tell(channel: str, message: Message) -> bool:
    """Send to a process; False when it cannot be reached now."""
    layer = get_channel_layer()
    if isinstance(layer, InMemoryChannelLayer):
        return False  # another process hears nothing of this one's memory; this one's runs are in its registry
    return await _send(channel, message)


async def answer(address: Message, message: Message) -> bool:
    """Send to a reader by its `Replies.address`; False when it cannot be reached now."""
    return await tell(address["channel"], {**message, "reader": address["reader"]})


async def hears_itself(seconds: float) -> bool:
    """Whether a message to this process arrives by way of the layer within so many seconds."""
    async with mailbox().replies() as replies:
        address = replies.address
        probe = {"type": "probe", "reader": address["reader"]}
        return await _send(address["channel"], probe) and await replies.receive(seconds) is not None


async def _send(channel: str, message: Message) -> bool:
    try:
        await get_channel_layer().send(channel, message)
    except ChannelFull:
        return False
    except Exception as error:  # noqa: BLE001 - whatever the layer's client raises when Redis is away
        logger.warning("channel layer: %s", type(error).__name__)
        return False
    return True

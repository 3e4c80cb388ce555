"""What becomes of unfinished items when a server has its own `handle_stream_cancelled`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import orjson
from chatkit.store import NotFoundError
from chatkit.types import ThreadItem, ThreadMetadata

from chat.context import ChatContext
from chat.runs.pending import PendingItem
from chat.stores import codec
from chat.stores.base import Interruption, OpenedRun, PlatformStore

logger = logging.getLogger(__name__)

#: What a server may do when an answer is cancelled: `ChatKitServer.handle_stream_cancelled`.
CancelHandler = Callable[[ThreadMetadata, list[ThreadItem], ChatContext], Awaitable[None]]
#: How long it may take, in seconds: the thread's lock is held meanwhile.
HANDLER_TIMEOUT = 10.0


@dataclass(slots=True)
class Cancellation:
    """What a handler leaves to the platform, by calling that of its base class."""

    kept: list[ThreadItem] = field(default_factory=list)
    is_noted: bool = False

    def keep(self, items: list[ThreadItem]) -> None:
        """Store these as they stand, and tell the model why the answer breaks off."""
        self.kept += items
        self.is_noted = True


_CANCELLATION: ContextVar[Cancellation | None] = ContextVar("cancellation", default=None)


def current_cancellation() -> Cancellation | None:
    """The cancellation that a handler is called for."""
    return _CANCELLATION.get()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The JSON of items that the run stores with its end, the items that are gone, and those that readers are shown."""

    kept: list[dict[str, Any]]
    removed: list[str]
    shown: list[dict[str, Any]]
    is_noted: bool


async def handled(
    handler: CancelHandler,
    unfinished: dict[str, PendingItem],
    interruption: Interruption,
    opened: OpenedRun,
    store: PlatformStore,
) -> Outcome | None:
    """Let the server's handler say what becomes of the unfinished items; None when it failed or took too long.

    As in the SDK, an item is there afterwards if the handler has stored it.  A checkpoint of it counts for nothing.
    """
    thread, context = opened.thread, opened.context
    cancellation = Cancellation()
    _CANCELLATION.set(cancellation)
    try:
        async with asyncio.timeout(HANDLER_TIMEOUT):
            items = [codec.load_item(item.snapshot(interruption)) for item in unfinished.values()]
            await handler(thread, items, context)
    except Exception as problem:  # noqa: BLE001 - the platform's own way is always there
        logger.warning("handle_stream_cancelled failed: %s", type(problem).__name__)
        return None
    finally:
        _CANCELLATION.set(None)
    empty = {item_id for item_id, item in unfinished.items() if item.is_empty()}
    marked = [
        codec.dump_item(item) | {"interrupted": interruption} for item in cancellation.kept if item.id not in empty
    ]
    outcome = Outcome(marked, [], [*marked], cancellation.is_noted)
    for item_id in unfinished.keys() - {raw["id"] for raw in marked}:
        stored = await _stored(store, thread.id, item_id, context)
        if stored is None:
            outcome.removed.append(item_id)
        else:
            outcome.shown.append(stored)
    return outcome


async def _stored(store: PlatformStore, thread_id: str, item_id: str, context: ChatContext) -> dict[str, Any] | None:
    """An item that the handler has stored."""
    try:
        raw: dict[str, Any] = orjson.loads(codec.for_reader(await store.raw_item(thread_id, item_id, context)))
    except NotFoundError:
        return None
    return None if "interrupted" in raw else raw

"""Following a run, wherever it is produced: here, in another process, or nowhere any more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
from django.conf import settings

from chat import events
from chat.context import ChatContext
from chat.runs.frames import error_frame, item_frame
from chat.runs.registry import RELAY_HEARTBEAT, registry
from chat.stores.attachment_links import Reader
from chat.stores.attachments import refreshed
from chat.stores.base import PlatformStore, RunState
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.problems.api import ERRORS


async def attach(run_id: str, after: int, context: ChatContext, store: PlatformStore) -> AsyncIterator[bytes]:
    """The caller's run as server-sent events; empty pieces say that it lives.

    From this process's log or, over the channel layer, from that of the producer, frames carry their number as ``id:``.  From
    what is stored they do not: then each item comes whole, and again whenever it has grown.

    Raises:
        NotFoundError: unknown or foreign; raised before the first piece.
    """
    state = await store.run_state(run_id, context)
    run = registry().get(run_id)
    if run is not None:
        position = max(after, 0)
        async for batch in run.log.follow(position, heartbeat=settings.CHAT_HEARTBEAT_SECONDS):
            yield _numbered(batch, position)
            position += len(batch)
        return
    if state.owner is not None:
        async for piece, ended in _from_owner(state.owner, run_id, max(after, 0)):
            yield piece
            if ended:
                return
    async for piece in _from_store(run_id, context, store):
        yield piece


async def _from_owner(owner: str, run_id: str, position: int) -> AsyncIterator[tuple[bytes, bool]]:
    """Frames relayed by the producing process; ends early when it does not answer."""
    async with events.mailbox().replies() as replies:
        asked = {"run_id": run_id, "after": position, "reply_to": replies.address}
        if not await events.tell(owner, {"type": "run.attach", **asked}):
            return
        try:
            while (message := await replies.receive(RELAY_HEARTBEAT * 2)) is not None:
                match message["type"]:
                    case "run.frames":
                        batch = [part + b"\n\n" for part in message["data"].encode().split(b"\n\n")[:-1]]
                        yield _numbered(batch, message["after"]), False
                    case "run.end":
                        yield b"", True
                        return
                    case _:
                        return
        finally:
            await events.tell(owner, {"type": "run.detach", **asked})


async def _from_store(run_id: str, context: ChatContext, store: PlatformStore) -> AsyncIterator[bytes]:
    """Items as they are stored, until the run has ended."""
    sent: dict[int, str] = {}
    while True:
        state = await store.run_state(run_id, context)
        running = state.state == "running"
        piece = [
            item_frame("done", _shown(refreshed(raw, Reader.of(context)), running=running))
            for at, raw in enumerate(state.items)
            if sent.get(at) != raw
        ]
        sent = dict(enumerate(state.items))
        if not running:
            yield b"".join([*piece, *_final_error(state)])
            return
        yield b"".join(piece)
        await asyncio.sleep(settings.CHAT_RUN_CHECKPOINT_SECONDS)


def _shown(raw: str, *, running: bool) -> dict[str, Any]:
    """A checkpoint is marked as lost for the case that its producer dies; while that lives, it is only unfinished."""
    item: dict[str, Any] = orjson.loads(raw)
    if running and item.get("interrupted") == "lost":
        del item["interrupted"]
    return item


def _final_error(state: RunState) -> list[bytes]:
    if not state.error_code:
        return []
    return [error_frame(PlatformError(state.error_code if state.error_code in ERRORS else "internal"))]


def _numbered(batch: list[bytes], position: int) -> bytes:
    return b"".join(b"id: %d\n%b" % (number, ready) for number, ready in enumerate(batch, position + 1))

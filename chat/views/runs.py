"""`GET /api/chatkit/runs/<id>/events` and `POST /api/chatkit/runs/<id>/cancel`: attach to a run, and stop it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from chatkit.store import NotFoundError

from chat import events
from chat.context import ChatContext
from chat.runs import streams
from chat.runs.attach import Position, attach
from chat.runs.frames import error_frame
from chat.runs.registry import registry
from chat.server import server
from chat.views.gate import check_json, identify, spend
from chat.views.http import STREAM_HEADERS, Request
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import is_public_id

#: The last frame of a stream whose session does not count any more.
SESSION_ENDED = error_frame(PlatformError("session_invalid"))


async def run_events(request: Request, run_id: str) -> None:
    """Stream the caller's run from after the position ``?after=`` (default 0) until it ends."""
    context = await _context(request, run_id)
    after = Position.parse(request.query.get("after", "0"))
    if after is None:
        raise PlatformError("invalid_request", hint="'after' is the id of the last event seen, or how many were seen.")
    with streams.held_by(context, lambda: request.cut(SESSION_ENDED)):
        pieces = attach(run_id, after, context, server().store)
        # The first piece before the headers: an unknown run is a 404, not an empty stream.
        first = await anext(pieces, b"")
        await request.start(200, STREAM_HEADERS)
        await request.stream(_chain(first, pieces))


async def run_cancel(request: Request, run_id: str) -> None:
    """Ask the caller's run to stop; the stream then ends by itself."""
    context = await _context(request, run_id)
    check_json(request)
    await spend(request, context.session, "changes")
    owner = await server().store.request_cancel(run_id, context)
    if (run := registry().get(run_id)) is not None:
        run.cancel()
    elif owner is not None:
        await events.tell(owner, {"type": "run.cancel", "run_id": run_id})
    await request.answer(202, b"{}")


async def _context(request: Request, run_id: str) -> ChatContext:
    session = await identify(request)
    if not is_public_id(run_id):
        raise NotFoundError
    return ChatContext(session=session, request_id=request.request_id, origin=request.own_origin)


async def _chain(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece

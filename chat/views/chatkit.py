"""`POST /api/chatkit`: the ChatKit protocol, as server-sent events or JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator

from chatkit.types import is_streaming_req
from django.conf import settings

from chat.runs.live import LiveRun
from chat.server import server
from chat.views.gate import admit
from chat.views.http import STREAM_HEADERS, Request

#: Names the run whose answer is streamed, or is being written in the thread that is shown.
RUN_HEADER = "x-chatkit-run-id"


async def chatkit(request: Request) -> None:
    """Serve one ChatKit request.

    A streaming request has changed the thread and holds its lock before the headers go out: a refusal has a status.
    """
    chatkit_server = server()
    parsed, context = await admit(request, chatkit_server)
    if is_streaming_req(parsed):
        run = await chatkit_server.start(parsed, context)
        await request.start(200, {**STREAM_HEADERS, RUN_HEADER: run.opened.run_id})
        await request.stream(_pieces(run))
    else:
        reply = await chatkit_server.reply(parsed, context)
        await request.answer(200, reply.body, {RUN_HEADER: reply.run_id} if reply.run_id else None)


async def _pieces(run: LiveRun) -> AsyncIterator[bytes]:
    async for batch in run.log.follow(heartbeat=settings.CHAT_HEARTBEAT_SECONDS):
        yield b"".join(batch)

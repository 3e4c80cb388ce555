"""`POST /api/chatkit`: the ChatKit protocol, as server-sent events or JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator

from chatkit.server import NonStreamingResult
from chatkit.types import ChatKitReq, is_streaming_req
from django.conf import settings

from chat.replies import Reply, RunResult
from chat.runs import streams
from chat.runs.live import LiveRun
from chat.server import PlatformChatKitServer, server
from chat.views.gate import READS, admit, allow, check_json, identify
from chat.views.http import STREAM_HEADERS, Request
from chat.views.runs import SESSION_ENDED
from chatplatform.lib.db_pool import in_one_visit
from chatplatform.lib.errors import PlatformError

#: Names the run whose answer is streamed, or is being written in the thread that is shown.
RUN_HEADER = "x-chatkit-run-id"
#: A request that only reads is no longer than this; longer ones go the long way.
_SHORT_BYTES = 1024


async def chatkit(request: Request) -> None:
    """Serve one ChatKit request.

    A streaming request has changed the thread and holds its lock before the headers go out: a refusal has a status.
    """
    chatkit_server = server()
    if chatkit_server.has_own("process"):
        await _process(request, chatkit_server)
        return
    if (reading := await _reading(request, chatkit_server)) is not None:
        await _answer(request, await in_one_visit(_read, request, chatkit_server, reading))
        return
    parsed, context = await admit(request, chatkit_server)
    if is_streaming_req(parsed):
        with streams.held_by(context, lambda: request.cut(SESSION_ENDED)):
            run = await chatkit_server.start(parsed, context)
            await request.start(200, {**STREAM_HEADERS, RUN_HEADER: run.opened.run_id})
            await request.stream(_pieces(run))
    else:
        await _answer(request, await chatkit_server.reply(parsed, context))


async def _process(request: Request, chatkit_server: PlatformChatKitServer) -> None:
    """Serve a request by the server's own `process()`, which may answer what it likes once the gate has let it through."""
    parsed, context = await admit(request, chatkit_server)
    body = await request.body(settings.CHAT_MAX_BODY_BYTES)
    if not is_streaming_req(parsed):
        result = await chatkit_server.process(body, context)
        await request.answer(200, result.json if isinstance(result, NonStreamingResult) else b"{}")
        return
    with streams.held_by(context, lambda: request.cut(SESSION_ENDED)):
        result = await chatkit_server.process(body, context)
        if isinstance(result, NonStreamingResult):
            await request.answer(200, result.json)
            return
        run = {RUN_HEADER: result.run.opened.run_id} if isinstance(result, RunResult) else {}
        await request.start(200, {**STREAM_HEADERS, **run})
        await request.stream(aiter(result))


async def _reading(request: Request, chatkit_server: PlatformChatKitServer) -> ChatKitReq | None:
    """The request, if it only reads: its session can be verified and its answer read in one visit to the database.

    That has to be known before it is known who asks, so only short requests are looked into.  What is wrong with one is said by
    the gate, in its turn.
    """
    if not 0 < (request.announced_size or 0) <= _SHORT_BYTES:
        return None
    try:
        parsed = chatkit_server.parse(await request.body(_SHORT_BYTES))
    except PlatformError:
        return None
    return parsed if isinstance(parsed, READS) else None


async def _read(request: Request, chatkit_server: PlatformChatKitServer, parsed: ChatKitReq) -> Reply:
    session = await identify(request)
    check_json(request)
    return await chatkit_server.reply(parsed, await allow(request, session, parsed))


async def _answer(request: Request, reply: Reply) -> None:
    await request.answer(200, reply.body, {RUN_HEADER: reply.run_id} if reply.run_id else None)


async def _pieces(run: LiveRun) -> AsyncIterator[bytes]:
    async for batch in run.log.follow(heartbeat=settings.CHAT_HEARTBEAT_SECONDS):
        yield b"".join(batch)

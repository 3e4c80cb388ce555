"""The peer's FastAPI application.  ``PEER_DSN``: its database; ``PEER_SERVER``: ``ScriptedPeer`` or ``AgentsPeer``."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chatkit.server import StreamingResult
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from benchmarks.peer import servers
from benchmarks.peer.store import PeerStore

store = PeerStore()
server = getattr(servers, os.environ["PEER_SERVER"])(store)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    await store.open(os.environ["PEER_DSN"])
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/chatkit")
async def chatkit(request: Request) -> Response:
    result = await server.process(await request.body(), {"user": request.headers.get("x-user", "u0")})
    if isinstance(result, StreamingResult):
        return StreamingResponse(result, media_type="text/event-stream")
    return Response(content=result.json, media_type="application/json")

"""`GET /api/chatkit/entities`, `.../<kind>/<id>/preview` and `/api/chatkit/commands`: the composer's "@" and "/" menus."""

from __future__ import annotations

from typing import Any

import orjson
from chatkit.store import NotFoundError

from chat import entities
from chat.agents.commands import commands_for
from chat.context import ChatContext
from chat.stores import codec
from chat.views.gate import identify, spend
from chat.views.http import Request
from chatplatform.lib.db_pool import in_tenant

QUERY_CHARS = 100


async def entities_search(request: Request) -> None:
    """``?q=``: what the caller may mention, by its title.  ``{"entities": [...]}`` as ChatKit's `onTagSearch` wants them."""
    context = await _context(request)
    found = await in_tenant(context.tenant.id, entities.find, _query(request), context)
    await _answer(request, {"entities": [entity.to_json() for entity in found]})


async def entity_preview(request: Request, kind: str, entity_id: str) -> None:
    """``{"preview": <widget>}`` as ChatKit's `onRequestPreview` wants it."""
    context = await _context(request)
    entity = await in_tenant(context.tenant.id, entities.get, kind, entity_id, context)
    if entity is None:
        raise NotFoundError
    await _answer(request, {"preview": codec.dump(entity.preview())})


async def commands_search(request: Request) -> None:
    """``?q=``: the assistant's commands.  ``{"commands": [...]}`` as ChatKit's `commands.onSearch` wants them, with a prompt."""
    context = await _context(request)
    await _answer(request, {"commands": await commands_for(_query(request), context)})


async def _context(request: Request) -> ChatContext:
    session = await identify(request)
    await spend(request, session, "searches")
    return ChatContext(session=session, request_id=request.request_id)


def _query(request: Request) -> str:
    return request.query.get("q", "")[:QUERY_CHARS]


async def _answer(request: Request, body: dict[str, Any]) -> None:
    await request.answer(200, orjson.dumps(body))

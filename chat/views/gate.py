"""The gate: who may do what.  One order for every request of the chat's API:

session, tenant, size, parse, permission and thread state, limits and budget; then the ChatKit server.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from chatkit.types import (
    AttachmentsCreateReq,
    ChatKitReq,
    InputTranscribeReq,
    ItemsListReq,
    ThreadsGetByIdReq,
    ThreadsListReq,
    ThreadsSyncCustomActionReq,
    is_streaming_req,
)
from django.conf import settings

from accounts import sessions
from accounts.cookies import cookie_name, embed_cookie_name, session_cookies
from accounts.speaker import VerifiedSession
from chat import limits
from chat.context import ChatContext
from chat.models import Thread
from chat.server import PlatformChatKitServer
from chat.views.http import Request
from chatplatform.lib.db_pool import in_database, in_tenant
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.logs import learn
from tenants import hosts, rate_limits
from tenants.acting import Actor, acting_as
from tenants.models import AuditEvent

#: The operations that change nothing.
READS = (ThreadsListReq, ThreadsGetByIdReq, ItemsListReq)
#: What stands in the paths of the chat's API, and the shape of the ids that `chatplatform.lib.ids` makes.
_WORDS = frozenset({"api", "chatkit", "attachments", "cancel", "content", "runs"})
_MADE_ID = re.compile(r"[a-z]{2,4}_[0-9a-f]{32}")


async def identify(request: Request) -> VerifiedSession:
    """The verified chat session of a request, checked against the host it came to.

    Raises:
        PlatformError: the codes of `accounts.sessions.verify`, ``origin_refused``, ``tenant_ambiguous``, ``read_only``.
    """
    host_slug = await slug_of_host(request)
    token, by_cookie = _credential(request, host_slug)
    if by_cookie:
        check_origin(request, required=request.method not in {"GET", "HEAD"})
    session = await in_database(sessions.verify, token)
    learn(tenant=session.tenant.slug)
    if host_slug is not None and session.tenant.slug != host_slug:
        raise PlatformError("session_invalid")
    if by_cookie and session.embed != request.query.get("embed", ""):
        raise PlatformError("session_invalid")
    # A ChatKit request says in its body whether it only reads: `allow` looks.
    if request.method not in {"GET", "HEAD"} and request.scope["path"] != "/api/chatkit":
        await _writes(request, session, "request", method=request.method, path=_known_path(request.scope["path"]))
    return session


async def admit(request: Request, server: PlatformChatKitServer) -> tuple[ChatKitReq, ChatContext]:
    """The parsed request and its context, once everything that can be known before the thread is opened allows it.

    Raises:
        PlatformError: any code of the gate.
    """
    session = await identify(request)
    check_json(request)
    parsed = server.parse(await request.body(settings.CHAT_MAX_BODY_BYTES))
    return parsed, await allow(request, session, parsed)


async def allow(request: Request, session: VerifiedSession, parsed: Any) -> ChatContext:
    """The context of a parsed request of a verified session, unless it is too large or too much.

    Raises:
        PlatformError: as `chat.limits.check`, ``rate_limited``, ``read_only``.
    """
    limits.check(parsed)
    if not isinstance(parsed, READS):
        await _writes(request, session, parsed.type, thread=getattr(parsed.params, "thread_id", ""))
        await spend(request, session, _counted_as(parsed))
    return ChatContext(
        session=session,
        request_id=request.request_id,
        origin=request.own_origin,
        locale=request.headers.get("accept-language", "")[:35],
        page=limits.page_of(parsed.metadata),
    )


async def spend(request: Request, session: VerifiedSession, name: str) -> None:
    """Count a request of a session against `tenants.rate_limits`.

    Raises:
        PlatformError: ``rate_limited``.
    """
    await rate_limits.spend(
        name,
        tenant=session.tenant.id,
        end_user=session.end_user.id,
        address=None if session.end_user.user_id is not None else request.client_network,
        embed=session.embed or None,
    )


def _counted_as(parsed: Any) -> str:
    """Under which name of `tenants.rate_limits` an operation that changes something is counted."""
    if is_streaming_req(parsed) or isinstance(parsed, ThreadsSyncCustomActionReq):
        return "messages"
    return "uploads" if isinstance(parsed, AttachmentsCreateReq | InputTranscribeReq) else "changes"


async def _writes(request: Request, session: VerifiedSession, operation: str, **about: str) -> None:
    """Refuse to somebody of the platform who only looks, and write down what others of them ask for; costs nobody else anything.

    Raises:
        PlatformError: ``read_only``.
    """
    if session.is_read_only:
        raise PlatformError("read_only")
    if session.acting is not None:
        actor = replace(session.acting, request_id=request.request_id, address=request.address_for_audit)
        await in_tenant(session.tenant.id, _record, actor, session.tenant.id, f"chat.{operation}", about)


def _known_path(path: str) -> str:
    """The path with its words and ids that the platform makes; a caller's other words stay out of the audit log."""
    return "/".join(part if not part or part in _WORDS or _MADE_ID.fullmatch(part) else "…" for part in path.split("/"))


def _record(actor: Actor, tenant_id: int, action: str, about: dict[str, str]) -> None:
    thread = about.get("thread")
    if thread and not Thread.objects.for_tenant(tenant_id).filter(public_id=thread).exists():
        about = {**about, "thread": ""}
    with acting_as(actor):
        AuditEvent.record(tenant_id, action, after=about)


async def slug_of_host(request: Request) -> str | None:
    """The tenant whose own host this is; asks the database only when the answer is not remembered."""
    place = hosts.remembered(request.host)
    return place.slug if place is not None else await in_database(hosts.tenant_slug_of_host, request.host)


def check_json(request: Request) -> None:
    """A JSON content type: no HTML form can send one to another site."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise PlatformError("json_required")


def check_origin(request: Request, *, required: bool) -> None:
    """A request that carries cookies must come from our own page: scheme, host and port."""
    origin = request.headers.get("origin")
    if origin is None and not required:
        return
    if origin is None or origin.lower() != request.own_origin:
        raise PlatformError("origin_refused")


def _credential(request: Request, host_slug: str | None) -> tuple[str, bool]:
    """The token, and whether it came as a cookie.  A bearer goes first: whoever sends one means it."""
    authorization = request.headers.get("authorization", "")
    if authorization:
        scheme, _, token = authorization.partition(" ")
        return (token.strip() if scheme.lower() == "bearer" else "invalid"), False
    if embed := request.query.get("embed"):
        return request.cookies.get(embed_cookie_name(embed, https=request.is_https), ""), True
    slug = host_slug or request.query.get("tenant") or request.headers.get("x-chatkit-tenant")
    if slug:
        return request.cookies.get(cookie_name(slug, https=request.is_https), ""), True
    found = session_cookies(request.cookies, https=request.is_https)
    if len(found) > 1:
        raise PlatformError("tenant_ambiguous")
    return next(iter(found.values()), ""), True

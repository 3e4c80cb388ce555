"""`/api/chatkit/session` and `/api/chatkit/refresh`: mint, rotate and end a chat session."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, TypeVar

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from accounts import blocks, embed_visitors, identity, sessions
from accounts.blocks import Client
from accounts.cookies import cookie_name, device_cookie_name, embed_cookie_name, session_cookies
from accounts.models import EndUser
from accounts.sessions import IssuedSession
from chat.agents.hosted import client_secret
from chat.page_options import is_hosted
from chat.stores.budget import check_plan
from chatplatform.lib.client_address import client_network
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from tenants import confinement, hosts, impersonation, rate_limits
from tenants.models import Assistant, Embed, Impersonation, SignIn, Tenant
from tenants.scope import tenant_scope

logger = logging.getLogger(__name__)
MAX_BODY = 16_384
#: For how long a browser is recognised by its device cookie.
DEVICE_SECONDS = 365 * 24 * 60 * 60
View = Callable[..., HttpResponse]
Body = TypeVar("Body", bound=BaseModel)


class MintRequest(BaseModel):
    """Body of a mint; every field is optional.  An identity needs the embed that it is for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    tenant: str | None = None
    assistant: str | None = None
    embed: str = Field(default="", min_length=1, max_length=70)
    identity: str = Field(default="", min_length=1)
    credential: Literal["cookie", "client_secret"] = "cookie"


class RefreshRequest(BaseModel):
    """Body of a refresh, or of an end; names which of several cookies is meant."""

    model_config = ConfigDict(extra="forbid", strict=True)

    tenant: str | None = None
    embed: str = Field(default="", min_length=1, max_length=70)


def api(*methods: str) -> Callable[[View], View]:
    """A JSON view: errors as the envelope, JSON in, no cache.

    CSRF is not Django's here: a request that carries cookies must name our own origin, and be JSON.
    """

    def decorate(view: View) -> View:
        view.max_body = MAX_BODY  # type: ignore[attr-defined]  # for `chatplatform.lib.bodies`

        @csrf_exempt
        @never_cache
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            request_id = new_id("request")
            try:
                if request.method not in methods:
                    raise PlatformError("method_not_allowed", headers={"Allow": ", ".join(methods)})
                response = view(request, *args, **kwargs)
            except PlatformError as error:
                response = _refusal(error, request_id)
            except (OperationalError, InterfaceError):
                response = _refusal(PlatformError("unavailable"), request_id)
            except Exception as error:
                # An exception's text may hold what a user wrote: its type is enough outside development.
                logger.error(  # noqa: TRY400
                    "request %s failed: %s",
                    request_id,
                    type(error).__name__,
                    exc_info=error if settings.DEBUG else None,
                )
                response = _refusal(PlatformError("internal"), request_id)
            response["X-Request-Id"] = request_id
            return response

        return wrapped

    return decorate


def _refusal(error: PlatformError, request_id: str) -> JsonResponse:
    return JsonResponse(error.envelope(request_id), status=error.status, headers=error.headers)


@api("POST", "DELETE")
def session(request: HttpRequest) -> HttpResponse:
    """POST: open a chat session.  DELETE: end it."""
    return _end(request) if request.method == "DELETE" else _mint(request)


@api("POST")
def refresh(request: HttpRequest) -> HttpResponse:
    """Rotate the token of a cookie or a bearer; the old one is dead, and shown again it ends the whole chain."""
    given = _read(request, RefreshRequest)
    token, cookie = _credential(request, given)
    by_cookie = cookie is not None
    _check_origin(request, required=by_cookie)
    _count(request, "refresh")
    client, device = _client(request, token, given.embed or _slug_of(cookie or ""), may_keep=by_cookie)
    # Before the token is replaced: when OpenAI refuses, the browser still has one that can be renewed.
    secret = _hosted_secret_of(token)
    host_slug = hosts.tenant_slug_of_host(request.get_host())
    _verified, issued = sessions.rotate(
        token, host_slug=host_slug, embed=given.embed if by_cookie else None, client=client
    )
    response = _issued(request, issued, cookie=cookie, in_frame=bool(given.embed), hosted=secret, status=200)
    return _keep_device(request, response, device, in_frame=bool(given.embed))


def _mint(request: HttpRequest) -> HttpResponse:
    given = _read(request, MintRequest)
    as_cookie = given.credential == "cookie"
    _check_origin(request, required=as_cookie or bool(request.COOKIES))
    _count(request, "mint")
    host_slug = hosts.tenant_slug_of_host(request.get_host())
    if host_slug is not None and given.tenant not in (None, host_slug):
        raise PlatformError("not_found")
    opened = _in_embed(request, given, host_slug) if given.embed else _on_page(request, given, host_slug)
    end_user, assistant, device = opened.end_user, opened.assistant, opened.device
    secret = _hosted_secret(end_user.tenant_id, assistant.published_version_id, end_user.public_id)
    if secret is not None and not as_cookie:
        raise PlatformError("cookie_required")
    origin = request.headers.get("Origin", "") if as_cookie else ""
    issued = sessions.issue(
        end_user=end_user,
        assistant=assistant,
        origin=origin,
        embed=opened.embed,
        acting=opened.acting,
        sign_in=opened.sign_in,
        # Its place in the cookie jar, or in the frame's memory, is taken.
        replaces=opened.client.token if as_cookie or opened.embed is not None else "",
        client=opened.client,
    )
    cookie = opened.cookie if as_cookie else None
    in_frame = opened.embed is not None
    response = _issued(request, issued, cookie=cookie, in_frame=in_frame, hosted=secret, status=201)
    return _keep_device(request, response, device, in_frame=in_frame)


def _count(request: HttpRequest, what: str) -> None:
    """Either leaves a row behind, whoever asks."""
    rate_limits.spend_sync(what, address=client_network(request.META))


@dataclass(frozen=True, slots=True)
class _Device:
    """A device cookie to be set."""

    name: str
    value: str


def _client(request: HttpRequest, token: str, place: str, *, may_keep: bool) -> tuple[Client, _Device | None]:
    """What the browser is recognised by, and the device cookie that it gets where it has none yet.

    Args:
        place: the slug of the tenant, or the id of the embed.
        may_keep: whether the browser keeps its session in a cookie.
    """
    name, kept = device_cookie_name(place, https=request.is_secure()), None
    device = blocks.device_of(request.COOKIES.get(name, ""))
    if not device and place and may_keep:
        kept = _Device(name, blocks.new_device())
        device = blocks.device_of(kept.value)
    return Client(token, client_network(request.META), device), kept


def _keep_device(
    request: HttpRequest, response: JsonResponse, device: _Device | None, *, in_frame: bool
) -> JsonResponse:
    if device is not None:
        response.set_cookie(
            device.name,
            device.value,
            max_age=DEVICE_SECONDS,
            secure=in_frame or request.is_secure(),
            httponly=True,
            samesite="None" if in_frame else "Lax",
        )
        _partition(response, device.name, in_frame=in_frame)
    return response


def _slug_of(cookie: str) -> str:
    """The tenant of a session cookie's name."""
    return cookie.rpartition(cookie_name("", https=False))[2]


@dataclass(frozen=True, slots=True)
class _Opened:
    """For whom and for what a session is opened; the token of ``client`` is that of the session which it replaces."""

    end_user: EndUser
    assistant: Assistant
    cookie: str
    client: Client
    device: _Device | None
    embed: Embed | None = None
    acting: Impersonation | None = None
    sign_in: SignIn | None = None


def _on_page(request: HttpRequest, given: MintRequest, host_slug: str | None) -> _Opened:
    if given.identity:
        raise PlatformError("invalid_request", hint="An identity is for an embed: name it.")
    slug = host_slug or given.tenant
    cookie = cookie_name(slug or "", https=request.is_secure())
    token = request.COOKIES.get(cookie, "")
    named = _tenant_named(slug)
    user, acting = impersonation.speaker(request, named) if named is not None else (request.user, None)
    tenant = identity.check_entry(named, user, token)
    assistant = identity.assistant_named(tenant, given.assistant)
    client, device = _client(request, token, tenant.slug, may_keep=given.credential == "cookie")
    end_user = identity.end_user_for(tenant=tenant, user=user, token=token, client=client)
    sign_in = confinement.vouching(request) if end_user.user_id is not None else None
    return _Opened(end_user, assistant, cookie, client, device, acting=acting, sign_in=sign_in)


def _tenant_named(slug: str | None) -> Tenant | None:
    """The active tenant of that name.

    Raises:
        PlatformError: ``tenant_required``.
    """
    try:
        return identity.tenant_named(slug)
    except PlatformError as error:
        if error.code != "not_found":
            raise
        return None


def _in_embed(request: HttpRequest, given: MintRequest, host_slug: str | None) -> _Opened:
    """The embed knows its tenant and its assistant; whoever names others names nothing."""
    embed = embed_visitors.embed_named(given.embed)
    tenant, assistant = embed.tenant, embed.assistant
    named = host_slug or given.tenant or tenant.slug
    if named != tenant.slug or given.assistant not in (None, assistant.slug):
        raise PlatformError("not_found")
    cookie = embed_cookie_name(embed.public_id, https=request.is_secure())
    bearer = request.headers.get("Authorization", "").partition(" ")[2].strip()
    token = bearer or request.COOKIES.get(cookie, "")
    # The frame is a page of ours, and its browser says so.  Another program proves who is speaking, or goes on with what it has.
    if "Origin" not in request.headers and not given.identity and not embed_visitors.continues(embed, token):
        raise PlatformError("origin_refused")
    client, device = _client(request, token, embed.public_id, may_keep=given.credential == "cookie")
    end_user = embed_visitors.end_user_in(embed, identity=given.identity, client=client)
    return _Opened(end_user, assistant, cookie, client, device, embed)


def _hosted_secret(tenant_id: int, version_id: int | None, end_user: str) -> str | None:
    """OpenAI's client secret where OpenAI answers; None elsewhere."""
    if not is_hosted(version_id, tenant_id):
        return None
    rate_limits.spend_sync("hosted", tenant=tenant_id, end_user=end_user)
    with tenant_scope(tenant_id):
        check_plan(tenant_id)
    connection.close()  # nothing is held while OpenAI is waited for
    return async_to_sync(client_secret)(tenant_id=tenant_id, version_id=version_id, end_user=end_user)


def _hosted_secret_of(token: str) -> str | None:
    """The same for who holds a token; None where the token is not valid, which the rotation says better."""
    try:
        session = sessions.recognise(token)
    except PlatformError:
        return None
    return _hosted_secret(session.tenant.id, session.assistant.version_id, session.end_user.public_id)


def _end(request: HttpRequest) -> HttpResponse:
    given = _read(request, RefreshRequest)
    token, cookie = _credential(request, given)
    _check_origin(request, required=cookie is not None)
    sessions.revoke(token)
    response = HttpResponse(status=204)
    if cookie is not None:
        response.delete_cookie(cookie, samesite="None" if given.embed else "Lax")
        _partition(response, cookie, in_frame=bool(given.embed))
    return response


def _issued(
    request: HttpRequest, issued: IssuedSession, *, cookie: str | None, in_frame: bool, hosted: str | None, status: int
) -> JsonResponse:
    """The answer to a mint or a refresh, with the token in this cookie or as a secret; ``hosted`` is OpenAI's, where it answers."""
    body = {"session_id": issued.public_id, "expires_at": issued.expires_at.isoformat()}
    if hosted is not None:
        body["client_secret"] = hosted
    if cookie is None:
        return JsonResponse(body | {"client_secret": issued.token}, status=status)
    response = JsonResponse(body, status=status)
    response.set_cookie(
        cookie,
        issued.token,
        expires=issued.absolute_expires_at,
        path="/",
        secure=in_frame or request.is_secure(),
        httponly=True,
        samesite="None" if in_frame else "Lax",
    )
    _partition(response, cookie, in_frame=in_frame)
    return response


def _partition(response: HttpResponse, name: str, *, in_frame: bool) -> None:
    """In the frame of another site a cookie is for that site alone."""
    if in_frame:
        # Python's cookies know the attribute `Partitioned` from 3.14 on.
        response.cookies[name]["samesite"] = "None; Partitioned"


def _read(request: HttpRequest, kind: type[Body]) -> Body:
    if request.content_type != "application/json":
        raise PlatformError("json_required")
    if int(request.headers.get("Content-Length") or 0) > MAX_BODY or len(request.body) > MAX_BODY:
        raise PlatformError("too_large")
    try:
        return kind.model_validate_json(request.body or b"{}")
    except ValidationError as error:
        is_json = all(problem["type"] != "json_invalid" for problem in error.errors(include_url=False))
        raise PlatformError("invalid_request" if is_json else "invalid_json") from None


def _credential(request: HttpRequest, given: RefreshRequest) -> tuple[str, str | None]:
    """The token, and the name of its cookie; None for a bearer."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        return (bearer.strip() if scheme.lower() == "bearer" else "invalid"), None
    https = request.is_secure()
    if given.embed:
        name = embed_cookie_name(given.embed, https=https)
        return request.COOKIES.get(name, ""), name
    cookies = session_cookies(request.COOKIES, https=https)
    slug = hosts.tenant_slug_of_host(request.get_host()) or given.tenant or request.GET.get("tenant")
    if slug is None:
        if len(cookies) > 1:
            raise PlatformError("tenant_ambiguous")
        slug = next(iter(cookies), "")
    return cookies.get(slug, ""), cookie_name(slug, https=https)


def _check_origin(request: HttpRequest, *, required: bool) -> None:
    origin = request.headers.get("Origin")
    if origin is None and not required:
        return
    if origin is None or origin.lower() != f"{request.scheme}://{request.get_host()}".lower():
        raise PlatformError("origin_refused")

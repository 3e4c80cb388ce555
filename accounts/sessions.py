"""The chat session: mint, verify, rotate, end.

A session is a 256-bit random token, of which only the SHA-256 is stored.  Three ends: the token's own (`expires_at`, a refresh is
due), the idle one (not used for `CHAT_SESSION_IDLE_SECONDS`), and the absolute one, which neither use nor a refresh extends.
`accounts.session_policy` says what else ends a session, and what it opened.

A chain is one person in one browser: the sessions that followed each other by refreshes, and by pages that were opened anew.

Rotation and reuse: a refresh replaces the token.  The old token, shown to the refresh again, or to any request while it would still
be fresh, is the sign of a copy: the whole chain is revoked.  Shown to a request after its own end it is merely expired, so that a
request that was under way while another tab renewed the session does not end it.

All functions are synchronous and open their own transactions; the event loop calls them through `chatplatform.lib.db_pool`.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import blocks
from accounts.blocks import Client
from accounts.models import Block, ChatSession, EndUser, User
from accounts.session_policy import (
    LOGIN_COLUMNS,
    LOGIN_TABLES,
    SESSION_COLUMNS,
    SESSION_TABLES,
    LoginState,
    SessionState,
    ending_of,
)
from accounts.speaker import AssistantRef, EndUserRef, TenantRef, VerifiedSession
from chatplatform.lib.db_pool import fetch
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from tenants.acting import Actor
from tenants.confinement import LONGEST
from tenants.models import Assistant, AssistantVersion, Embed, Impersonation, SignIn
from tenants.scope import tenant_scope

#: Recognisable by secret scanners; says what leaked.
TOKEN_PREFIX = "cks_"  # noqa: S105 - no secret, but what makes one recognisable
TOKEN_LENGTH = len(TOKEN_PREFIX) + 43
#: `last_used_at` is written at most this often.
TOUCH_INTERVAL = timedelta(minutes=1)
_STATE_WIDTH = len(SessionState._fields)
#: Doors in the wall between tenants.
_BY_SECRET = "a token says whose session it is"  # noqa: S105 - no secret
_BY_LOGIN = "the chats of a login end in every tenant"


@dataclass(frozen=True, slots=True)
class IssuedSession:
    """A new session and its token, which exists in clear only here and in the answer."""

    public_id: str
    token: str
    expires_at: datetime
    absolute_expires_at: datetime


def issue(
    *,
    end_user: EndUser,
    assistant: Assistant,
    origin: str,
    embed: Embed | None = None,
    version: AssistantVersion | None = None,
    acting: Impersonation | None = None,
    sign_in: SignIn | None = None,
    replaces: str = "",
    client: Client | None = None,
) -> IssuedSession:
    """Open a session, in a new chain unless it replaces one of the same person.

    Args:
        version: answers in the place of the published one, to whoever tries it out.
        acting: with which somebody of the platform opens it.
        sign_in: the tenant's provider that vouched for the login.
        client: what the browser is recognised by, for blocks.
        replaces: the token in whose place the new one is kept.  Its session ends; what that opened for the same person goes on.
    """
    now, seconds = timezone.now(), settings.CHAT_SESSION_ABSOLUTE_SECONDS
    if sign_in is not None:
        # Whoever leaves the organisation does not stay here for long.
        seconds = min(seconds, LONGEST)
    way = (embed.pk if embed else None, acting.pk if acting else None, sign_in.pk if sign_in else None)
    embed_id, impersonation_id, sign_in_id = way
    with transaction.atomic():
        chain = _replace(replaces, end_user, way) if _looks_like_token(replaces) else None
        return _insert(
            tenant_id=end_user.tenant_id,
            end_user_id=end_user.pk,
            assistant_id=assistant.pk,
            embed_id=embed_id,
            version_id=version.pk if version else None,
            impersonation_id=impersonation_id,
            sign_in_id=sign_in_id,
            chain=chain or uuid.uuid4(),
            origin=origin,
            now=now,
            absolute_end=now + timedelta(seconds=seconds),
            client=client or Client(),
        )


def _replace(token: str, end_user: EndUser, way: tuple[int | None, int | None, int | None]) -> uuid.UUID | None:
    """End the session of ``token``; its chain, if that was of the same person by the same way and had not ended.

    The answers and links of a page then go on when the page is loaded again, or another one is opened.
    """
    rows = fetch(
        "UPDATE accounts_chatsession s SET revoked_at = now() WHERE token_hash = %s AND revoked_at IS NULL AND rotated_at IS NULL "
        "RETURNING chain, s.end_user_id = %s AND s.tenant_id = %s AND s.embed_id IS NOT DISTINCT FROM %s::bigint "
        "AND s.impersonation_id IS NOT DISTINCT FROM %s::bigint AND s.sign_in_id IS NOT DISTINCT FROM %s::bigint "
        "AND s.absolute_expires_at > now() AND s.last_used_at > now() - %s * interval '1 second'",
        (_hash(token), end_user.pk, end_user.tenant_id, *way, settings.CHAT_SESSION_IDLE_SECONDS),
        across=_BY_SECRET,
    )
    if not rows:
        revoke(token)
        return None
    chain, is_same = rows[0]
    return chain if is_same else None


def verify(token: str) -> VerifiedSession:
    """The session of ``token``.  One query, and one more for somebody who signed in; now and then another to note the use.

    Raises:
        PlatformError: ``session_missing`` (empty), ``session_invalid`` (unknown, malformed, revoked, idle or past its absolute end;
            or tenant, end user, member or assistant is not active any more), ``session_expired`` (a refresh is due).
    """
    return _verify(token, for_refresh=False)


def recognise(token: str) -> VerifiedSession:
    """As `verify`, but a token that is only due for a refresh is welcome: it says who comes back, as long as the session lives."""
    return _verify(token, for_refresh=False, may_be_expired=True)


def rotate(
    token: str, *, host_slug: str | None = None, embed: str | None = None, client: Client | None = None
) -> tuple[VerifiedSession, IssuedSession]:
    """Replace ``token`` by a successor in the same chain; the old one is dead.

    Args:
        host_slug: of the tenant whose own host the request came to; a token of another tenant is not valid there.
        embed: whose cookie the token was in (empty: a tenant's); a token that belongs into another is not valid there.
        client: what the browser is recognised by now, for blocks.

    Raises:
        PlatformError: as `verify`, but an expired token is welcome.  A token that was rotated before revokes its chain.
            ``access_blocked``, for visitors.
    """
    with transaction.atomic():
        now = timezone.now()
        # A conditional update claims the rotation: of two refreshes at once, one wins and the other is a reuse.
        claimed = fetch(
            "UPDATE accounts_chatsession SET rotated_at = %s "
            "WHERE token_hash = %s AND rotated_at IS NULL AND revoked_at IS NULL "
            "RETURNING embed_id, version_id, impersonation_id, sign_in_id",
            (now, _hash(_well_formed(token))),
            across=_BY_SECRET,
        )
        if claimed:
            session = _verify(token, for_refresh=True, claimed=True)
            if host_slug not in (None, session.tenant.slug) or embed not in (None, session.embed):
                raise PlatformError("session_invalid")
            if client is not None and session.end_user.user_id is None:
                with tenant_scope(session.tenant.id):
                    blocks.check(session.tenant.id, client)
            issued = _insert(
                tenant_id=session.tenant.id,
                end_user_id=session.end_user.id,
                assistant_id=session.assistant.id,
                embed_id=claimed[0][0],
                version_id=claimed[0][1],
                impersonation_id=claimed[0][2],
                sign_in_id=claimed[0][3],
                chain=session.chain,
                origin=session.origin,
                now=now,
                absolute_end=session.absolute_expires_at,
                client=client or Client(),
            )
            return session, issued
    # Outside the transaction: this refusal must keep what it revokes.
    _verify(token, for_refresh=True)
    raise PlatformError("session_invalid")


def revoke(token: str) -> None:
    """End the chain of ``token``.  Unknown, malformed and revoked tokens are ignored: the caller wanted it gone."""
    if _looks_like_token(token):
        # A revoked token may be of a session that another one of the chain has replaced, which its holder cannot end.
        fetch(
            "UPDATE accounts_chatsession SET revoked_at = now() WHERE revoked_at IS NULL AND chain = "
            "(SELECT chain FROM accounts_chatsession WHERE token_hash = %s AND revoked_at IS NULL)",
            (_hash(token),),
            across=_BY_SECRET,
        )


def revoke_end_user(end_user: EndUser) -> int:
    """End every session of an end user; returns how many there were."""
    sessions = ChatSession.objects.for_tenant(end_user.tenant_id).filter(end_user=end_user, revoked_at=None)
    return sessions.update(revoked_at=timezone.now())


def revoke_sign_in(sign_in: SignIn) -> int:
    """End every session that this provider vouched for; returns how many there were."""
    sessions = ChatSession.objects.for_tenant(sign_in.tenant_id).filter(sign_in=sign_in, revoked_at=None)
    return sessions.update(revoked_at=timezone.now())


def revoke_login(user: User) -> None:
    """End every session of somebody who signs in, wherever they chat or try a draft: staff is a member nowhere."""
    fetch(
        "UPDATE accounts_chatsession SET revoked_at = now() WHERE revoked_at IS NULL AND end_user_id IN "
        "(SELECT id FROM accounts_enduser WHERE user_id = %s)",
        (user.pk,),
        across=_BY_LOGIN,
    )


_VERIFY = f"""
SELECT {SESSION_COLUMNS}, s.id, s.public_id, s.chain, s.origin, s.expires_at, s.rotated_at,
       t.id, t.slug, t.name,
       e.id, e.public_id, e.display_name, e.user_id, e.email, e.traits::text,
       a.id, a.slug, a.name, coalesce(s.version_id, a.published_version_id), b.public_id
  FROM accounts_chatsession s
  JOIN tenants_assistant a ON a.id = s.assistant_id {SESSION_TABLES}
 WHERE s.token_hash = %s
"""  # noqa: S608 - of constants
_LOGIN = f"""
SELECT {LOGIN_COLUMNS}
  FROM (SELECT %s::bigint AS tenant_id, %s::bigint AS user_id, %s::bigint AS impersonation_id) p {LOGIN_TABLES}
"""  # noqa: S608 - of constants


def _login_behind(tenant_id: int, user_id: int | None, state: SessionState) -> LoginState:
    """What the session depends on.  No statement for visitors, and for people whom a site identifies."""
    if user_id is None and state.impersonation_id is None and state.sign_in_id is None:
        return LoginState()
    return LoginState(*fetch(_LOGIN, (tenant_id, user_id, state.impersonation_id), across=_BY_SECRET)[0])


def _actor_of(login: LoginState) -> Actor | None:
    """The actor that the audit log names while staff impersonates a member."""
    if login.impersonator_id is None:
        return None
    return Actor("staff", f"{login.impersonator_email} as {login.email}", login.impersonator_id)


def _verify(token: str, *, for_refresh: bool, claimed: bool = False, may_be_expired: bool = False) -> VerifiedSession:
    rows = fetch(_VERIFY, (_hash(_well_formed(token)),), across=_BY_SECRET)
    if not rows:
        raise PlatformError("session_invalid")
    state = SessionState(*rows[0][:_STATE_WIDTH])
    (
        pk, public_id, chain, origin, expires_at, rotated_at,
        tenant_id, tenant_slug, tenant_name,
        end_user_id, end_user_public_id, display_name, user_id, email, traits,
        assistant_id, assistant_slug, assistant_name, version_id, embed,
    ) = rows[0][_STATE_WIDTH:]  # fmt: skip
    login = _login_behind(tenant_id, user_id, state)
    now = timezone.now()
    expired = expires_at <= now
    if rotated_at is not None and not claimed and (for_refresh or not expired):
        revoking = "UPDATE accounts_chatsession SET revoked_at = %s WHERE chain = %s AND revoked_at IS NULL"
        fetch(revoking, (now, chain), across=_BY_SECRET)
        raise PlatformError("session_invalid")
    if ending_of(state, login, now) is not None:
        raise PlatformError("session_invalid")
    if expired and not for_refresh and not (may_be_expired and rotated_at is None):
        raise PlatformError("session_expired")
    if now - state.last_used_at > TOUCH_INTERVAL:
        fetch("UPDATE accounts_chatsession SET last_used_at = %s WHERE id = %s", (now, pk), across=_BY_SECRET)
    return VerifiedSession(
        id=pk,
        public_id=public_id,
        chain=chain,
        origin=origin,
        expires_at=expires_at,
        absolute_expires_at=state.absolute_expires_at,
        tenant=TenantRef(tenant_id, tenant_slug, tenant_name),
        end_user=EndUserRef(
            end_user_id, end_user_public_id, state.kind, display_name, user_id, login.role or "", email, traits
        ),
        assistant=AssistantRef(assistant_id, assistant_slug, assistant_name, version_id),
        embed=embed or "",
        acting=_actor_of(login),
        is_read_only=login.may_write is False,
    )


def _insert(
    *,
    tenant_id: int,
    end_user_id: int,
    assistant_id: int,
    embed_id: int | None,
    version_id: int | None,
    impersonation_id: int | None,
    sign_in_id: int | None,
    chain: uuid.UUID,
    origin: str,
    now: datetime,
    absolute_end: datetime,
    client: Client,
) -> IssuedSession:
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    expires_at = min(now + timedelta(seconds=settings.CHAT_SESSION_TOKEN_SECONDS), absolute_end)
    session = ChatSession.objects.create(
        tenant_id=tenant_id,
        end_user_id=end_user_id,
        assistant_id=assistant_id,
        embed_id=embed_id,
        version_id=version_id,
        impersonation_id=impersonation_id,
        sign_in_id=sign_in_id,
        public_id=new_id("chat_session"),
        chain=chain,
        token_hash=_hash(token),
        network_hash=client.hash_of(Block.Kind.ADDRESS, tenant_id),
        device_hash=client.hash_of(Block.Kind.DEVICE, tenant_id),
        origin=origin,
        last_used_at=now,
        expires_at=expires_at,
        absolute_expires_at=absolute_end,
    )
    return IssuedSession(session.public_id, token, expires_at, absolute_end)


def _looks_like_token(token: object) -> bool:
    return isinstance(token, str) and token.isascii() and token.startswith(TOKEN_PREFIX) and len(token) == TOKEN_LENGTH


def _well_formed(token: object) -> str:
    if not token:
        raise PlatformError("session_missing")
    if not _looks_like_token(token):
        raise PlatformError("session_invalid")
    return str(token)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("ascii")).digest()

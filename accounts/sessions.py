"""The chat session: mint, verify, rotate, end.

A session is a 256-bit random token, of which only the SHA-256 is stored.  Three ends: the token's own (`expires_at`, a refresh is
due), the idle one (not used for `CHAT_SESSION_IDLE_SECONDS`), and the absolute one of its chain, which nothing extends.

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
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import ChatSession, EndUser, User
from accounts.speaker import AssistantRef, EndUserRef, TenantRef, VerifiedSession
from chatplatform.lib.db_pool import fetch
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from tenants.acting import Actor
from tenants.confinement import LONGEST
from tenants.models import Assistant, AssistantVersion, Embed, Impersonation, SignIn, Tenant

#: Recognisable by secret scanners; says what leaked.
TOKEN_PREFIX = "cks_"  # noqa: S105 - no secret, but what makes one recognisable
TOKEN_LENGTH = len(TOKEN_PREFIX) + 43
#: Who may try a draft, beside staff: those who may change it.
_TRIES_DRAFTS = ("owner", "admin")
#: Who may always come by password (`tenants.confinement`).
_BREAKS_GLASS = "owner"
#: `last_used_at` is written at most this often.
TOUCH_INTERVAL = timedelta(minutes=1)
#: Whom an embed's identity policy lets in.
WELCOME = {
    Embed.Identity.NONE: {EndUser.Kind.ANONYMOUS},
    Embed.Identity.OPTIONAL: {EndUser.Kind.ANONYMOUS, EndUser.Kind.EXTERNAL},
    Embed.Identity.REQUIRED: {EndUser.Kind.EXTERNAL},
}
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
) -> IssuedSession:
    """Open a session in a new chain.

    Args:
        version: answers in the place of the published one, to whoever tries it out.
        acting: with which somebody of the platform opens it.
        sign_in: the tenant's provider that vouched for the login.
    """
    now, seconds = timezone.now(), settings.CHAT_SESSION_ABSOLUTE_SECONDS
    if sign_in is not None:
        # Whoever leaves the organisation does not stay here for long.
        seconds = min(seconds, LONGEST)
    return _insert(
        tenant_id=end_user.tenant_id,
        end_user_id=end_user.pk,
        assistant_id=assistant.pk,
        embed_id=embed.pk if embed else None,
        version_id=version.pk if version else None,
        impersonation_id=acting.pk if acting else None,
        sign_in_id=sign_in.pk if sign_in else None,
        chain=uuid.uuid4(),
        origin=origin,
        now=now,
        absolute_end=now + timedelta(seconds=seconds),
    )


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
    token: str, *, host_slug: str | None = None, embed: str | None = None
) -> tuple[VerifiedSession, IssuedSession]:
    """Replace ``token`` by a successor in the same chain; the old one is dead.

    Args:
        host_slug: of the tenant whose own host the request came to; a token of another tenant is not valid there.
        embed: whose cookie the token was in (empty: a tenant's); a token that belongs into another is not valid there.

    Raises:
        PlatformError: as `verify`, but an expired token is welcome.  A token that was rotated before revokes its chain.
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
            )
            return session, issued
    # Outside the transaction: this refusal must keep what it revokes.
    _verify(token, for_refresh=True)
    raise PlatformError("session_invalid")


def revoke(token: str) -> None:
    """End the chain of ``token``.  Unknown and malformed tokens are ignored: the caller wanted it gone."""
    if _looks_like_token(token):
        fetch(
            "UPDATE accounts_chatsession SET revoked_at = now() WHERE revoked_at IS NULL AND chain = "
            "(SELECT chain FROM accounts_chatsession WHERE token_hash = %s)",
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


_VERIFY = """
SELECT s.id, s.public_id, s.chain, s.origin, s.expires_at, s.absolute_expires_at, s.last_used_at, s.rotated_at, s.revoked_at,
       s.sign_in_id, s.impersonation_id, s.version_id,
       t.id, t.slug, t.name, t.status, t.access,
       e.id, e.public_id, e.kind, e.display_name, e.user_id, e.suspended_at, e.email, e.traits::text,
       a.id, a.slug, a.name, coalesce(s.version_id, a.published_version_id), a.is_enabled,
       b.public_id, b.is_enabled, b.identity
  FROM accounts_chatsession s
  JOIN tenants_tenant t ON t.id = s.tenant_id
  JOIN accounts_enduser e ON e.id = s.end_user_id
  JOIN tenants_assistant a ON a.id = s.assistant_id
  LEFT JOIN tenants_embed b ON b.id = s.embed_id
 WHERE s.token_hash = %s
"""
_LOGIN = """
SELECT u.is_active, u.is_staff, u.email, m.role, g.is_required,
       i.may_write, coalesce(i.ended_at, i.expires_at), w.is_active AND w.is_staff, w.id, w.email
  FROM (SELECT %s::bigint AS tenant, %s::bigint AS person, %s::bigint AS impersonation) s
  LEFT JOIN accounts_user u ON u.id = s.person
  LEFT JOIN tenants_membership m ON m.tenant_id = s.tenant AND m.user_id = s.person AND m.suspended_at IS NULL
  LEFT JOIN tenants_signin g ON g.tenant_id = s.tenant AND g.is_enabled
  LEFT JOIN tenants_impersonation i ON i.id = s.impersonation
  LEFT JOIN accounts_user w ON w.id = i.staff_id
"""


class _Login(NamedTuple):
    """What stands behind the session of somebody who signed in.  Visitors, and whom a site vouches for, have nothing of it."""

    is_active: bool | None = None
    is_staff: bool | None = None
    email: str | None = None
    role: str | None = None
    needs_sign_in: bool | None = None
    may_write: bool | None = None
    acting_until: datetime | None = None
    acts_as_staff: bool | None = None
    staff_id: int | None = None
    staff_email: str | None = None

    @classmethod
    def behind(cls, tenant_id: int, *, user: int | None, impersonation: int | None, sign_in: int | None) -> _Login:
        if user is None and impersonation is None and sign_in is None:
            return cls()
        return cls(*fetch(_LOGIN, (tenant_id, user, impersonation), across=_BY_SECRET)[0])

    @property
    def actor(self) -> Actor | None:
        """Whom the audit trail names, where somebody of the platform acts as this person."""
        if self.staff_id is None:
            return None
        return Actor("staff", f"{self.staff_email} as {self.email}", self.staff_id)


def _verify(token: str, *, for_refresh: bool, claimed: bool = False, may_be_expired: bool = False) -> VerifiedSession:
    rows = fetch(_VERIFY, (_hash(_well_formed(token)),), across=_BY_SECRET)
    if not rows:
        raise PlatformError("session_invalid")
    (
        pk, public_id, chain, origin, expires_at, absolute_end, last_used_at, rotated_at, revoked_at,
        sign_in_id, impersonation_id, tried_version_id,
        tenant_id, tenant_slug, tenant_name, tenant_status, access,
        end_user_id, end_user_public_id, kind, display_name, user_id, suspended_at, email, traits,
        assistant_id, assistant_slug, assistant_name, version_id, assistant_is_enabled,
        embed, embed_is_enabled, policy,
    ) = rows[0]  # fmt: skip
    login = _Login.behind(tenant_id, user=user_id, impersonation=impersonation_id, sign_in=sign_in_id)
    now = timezone.now()
    expired = expires_at <= now
    if rotated_at is not None and not claimed and (for_refresh or not expired):
        revoking = "UPDATE accounts_chatsession SET revoked_at = %s WHERE chain = %s AND revoked_at IS NULL"
        fetch(revoking, (now, chain), across=_BY_SECRET)
        raise PlatformError("session_invalid")
    idle = last_used_at + timedelta(seconds=settings.CHAT_SESSION_IDLE_SECONDS) <= now
    member_left = kind == EndUser.Kind.MEMBER and (not login.is_active or login.role is None)
    # Who closes the doors to visitors, or to people whom a site identifies, closes them at once.
    if kind == EndUser.Kind.PREVIEW:
        may_try = login.is_active and (login.is_staff or login.role in _TRIES_DRAFTS)
        is_welcome = tried_version_id is not None and may_try
    elif embed is not None:
        is_welcome = embed_is_enabled and kind in WELCOME[policy]
    else:
        is_welcome = kind == EndUser.Kind.MEMBER or (
            kind == EndUser.Kind.ANONYMOUS and access == Tenant.Access.ANONYMOUS
        )
    if (
        revoked_at is not None
        or absolute_end <= now
        or idle
        or tenant_status != Tenant.Status.ACTIVE
        or suspended_at is not None
        or member_left
        or (sign_in_id is not None and login.needs_sign_in is None)
        or (
            login.role is not None
            and login.needs_sign_in
            and sign_in_id is None
            and impersonation_id is None
            and login.role != _BREAKS_GLASS
        )
        or (
            impersonation_id is not None
            and (not login.acts_as_staff or login.acting_until is None or login.acting_until <= now)
        )
        or not is_welcome
        or not assistant_is_enabled
    ):
        raise PlatformError("session_invalid")
    if expired and not for_refresh and not (may_be_expired and rotated_at is None):
        raise PlatformError("session_expired")
    if now - last_used_at > TOUCH_INTERVAL:
        fetch("UPDATE accounts_chatsession SET last_used_at = %s WHERE id = %s", (now, pk), across=_BY_SECRET)
    return VerifiedSession(
        id=pk,
        public_id=public_id,
        chain=chain,
        origin=origin,
        expires_at=expires_at,
        absolute_expires_at=absolute_end,
        tenant=TenantRef(tenant_id, tenant_slug, tenant_name),
        end_user=EndUserRef(
            end_user_id, end_user_public_id, kind, display_name, user_id, login.role or "", email, traits
        ),
        assistant=AssistantRef(assistant_id, assistant_slug, assistant_name, version_id),
        embed=embed or "",
        acting=login.actor,
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

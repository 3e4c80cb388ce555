"""Whether a chat session still counts: one rule for its requests, answers, links to files, and sockets.

`ending_of` is the rule, over the rows that `SESSION_TABLES` and `LOGIN_TABLES` join.  `accounts.sessions` applies it to the session
of a token; `ended` applies it to what sessions opened.  That names the chain of the session, so that it outlives a renewed token.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from accounts.models import EndUser
from chatplatform.lib.db_pool import fetch
from tenants.models import Embed, Membership, Tenant

#: The roles that may try a draft, beside staff: those that may change it.
_DRAFT_ROLES = (Membership.Role.OWNER, Membership.Role.ADMIN)
#: The role that may always sign in by password (`tenants.confinement`).
_PASSWORD_ROLE = Membership.Role.OWNER
#: The kinds of end users that an embed's identity policy admits.
ADMITTED_KINDS: dict[str, set[str]] = {
    Embed.Identity.NONE: {EndUser.Kind.ANONYMOUS},
    Embed.Identity.OPTIONAL: {EndUser.Kind.ANONYMOUS, EndUser.Kind.EXTERNAL},
    Embed.Identity.REQUIRED: {EndUser.Kind.EXTERNAL},
}


class Ending(StrEnum):
    """Why a session does not count any more."""

    REVOKED = "revoked"
    EXPIRED = "past its absolute end"
    IDLE = "unused for too long"
    TENANT_SUSPENDED = "tenant suspended"
    END_USER_SUSPENDED = "end user suspended"
    ASSISTANT_DISABLED = "assistant disabled"
    MEMBER_LEFT = "login disabled, or no member"
    SIGN_IN_DISABLED = "company sign-in disabled"
    SIGN_IN_REQUIRED = "company sign-in required"
    IMPERSONATION_ENDED = "impersonation ended"
    DRAFT_CLOSED = "no permission to try drafts"
    EMBED_CLOSED = "embed disabled, or of another identity policy"
    VISITORS_REFUSED = "visitors refused"


class SessionState(NamedTuple):
    """The columns of `SESSION_COLUMNS`, in their order."""

    revoked_at: datetime | None
    absolute_expires_at: datetime
    last_used_at: datetime
    embed_id: int | None
    version_id: int | None
    impersonation_id: int | None
    sign_in_id: int | None
    tenant_status: str
    tenant_access: str
    kind: str
    suspended_at: datetime | None
    is_assistant_enabled: bool
    is_embed_enabled: bool | None
    embed_identity: str | None


class LoginState(NamedTuple):
    """The columns of `LOGIN_COLUMNS`, in their order: what a session of a login depends on.  Without a login all are None."""

    is_active: bool | None = None
    is_staff: bool | None = None
    email: str | None = None
    role: str | None = None
    is_sign_in_required: bool | None = None
    may_write: bool | None = None
    impersonation_ends_at: datetime | None = None
    is_impersonator_staff: bool | None = None
    impersonator_id: int | None = None
    impersonator_email: str | None = None


#: Of a session ``s``, its tenant ``t``, end user ``e``, embed ``b``, and an assistant ``a``.
SESSION_COLUMNS = """
s.revoked_at, s.absolute_expires_at, s.last_used_at, s.embed_id, s.version_id, s.impersonation_id, s.sign_in_id,
t.status, t.access, e.kind, e.suspended_at, a.is_enabled, b.is_enabled, b.identity"""
SESSION_TABLES = """
JOIN tenants_tenant t ON t.id = s.tenant_id
JOIN accounts_enduser e ON e.id = s.end_user_id
LEFT JOIN tenants_embed b ON b.id = s.embed_id"""
LOGIN_COLUMNS = """
u.is_active, u.is_staff, u.email, m.role, g.is_required,
i.may_write, coalesce(i.ended_at, i.expires_at), w.is_active AND w.is_staff, w.id, w.email"""
#: Of a row ``p``: the keys of a tenant, of a login (user_id) and of an impersonation.
LOGIN_TABLES = """
LEFT JOIN accounts_user u ON u.id = p.user_id
LEFT JOIN tenants_membership m ON m.tenant_id = p.tenant_id AND m.user_id = p.user_id AND m.suspended_at IS NULL
LEFT JOIN tenants_signin g ON g.tenant_id = p.tenant_id AND g.is_enabled
LEFT JOIN tenants_impersonation i ON i.id = p.impersonation_id
LEFT JOIN accounts_user w ON w.id = i.staff_id"""


def ending_of(session: SessionState, login: LoginState, now: datetime) -> Ending | None:
    """Why a session does not count any more; None while it does.

    The end of the token itself (``expires_at``) is not part of it: a token is renewed while what it opened goes on.
    """
    if session.revoked_at is not None:
        return Ending.REVOKED
    if session.absolute_expires_at <= now:
        return Ending.EXPIRED
    if session.last_used_at + timedelta(seconds=settings.CHAT_SESSION_IDLE_SECONDS) <= now:
        return Ending.IDLE
    if session.tenant_status != Tenant.Status.ACTIVE:
        return Ending.TENANT_SUSPENDED
    if session.suspended_at is not None:
        return Ending.END_USER_SUSPENDED
    if not session.is_assistant_enabled:
        return Ending.ASSISTANT_DISABLED
    return _login_ending(session, login, now) or _entrance_ending(session, login)


def _login_ending(session: SessionState, login: LoginState, now: datetime) -> Ending | None:
    """What ended the login behind a session."""
    if session.kind == EndUser.Kind.MEMBER and (not login.is_active or login.role is None):
        return Ending.MEMBER_LEFT
    if session.sign_in_id is not None and login.is_sign_in_required is None:
        return Ending.SIGN_IN_DISABLED
    came_by_password = session.sign_in_id is None and session.impersonation_id is None
    if login.is_sign_in_required and came_by_password and login.role not in (None, _PASSWORD_ROLE):
        return Ending.SIGN_IN_REQUIRED
    if session.impersonation_id is not None and (
        not login.is_impersonator_staff or login.impersonation_ends_at is None or login.impersonation_ends_at <= now
    ):
        return Ending.IMPERSONATION_ENDED
    return None


def _entrance_ending(session: SessionState, login: LoginState) -> Ending | None:
    """What closed the way by which a session was opened: the draft's page, an embed, or the tenant's own page."""
    if session.kind == EndUser.Kind.PREVIEW:
        may_try = login.is_active and (login.is_staff or login.role in _DRAFT_ROLES)
        return None if may_try and session.version_id is not None else Ending.DRAFT_CLOSED
    if session.embed_id is not None:
        is_admitted = session.is_embed_enabled and session.kind in ADMITTED_KINDS[session.embed_identity or ""]
        return None if is_admitted else Ending.EMBED_CLOSED
    is_visitor = session.kind == EndUser.Kind.ANONYMOUS and session.tenant_access == Tenant.Access.ANONYMOUS
    return None if is_visitor or session.kind == EndUser.Kind.MEMBER else Ending.VISITORS_REFUSED


class Opened(NamedTuple):
    """What a session opened: an answer, a link, a socket.  Its assistant may be another than that of the chain's last session."""

    chain: uuid.UUID
    assistant_id: int


#: Of each chain the session that was neither renewed nor replaced.  A chain whose sessions were removed has none, and has ended.
_OPENED = f"""
SELECT q.place, {SESSION_COLUMNS}, {LOGIN_COLUMNS}
  FROM unnest(%s::uuid[], %s::bigint[]) WITH ORDINALITY AS q (chain, assistant_id, place)
 CROSS JOIN LATERAL (
       SELECT * FROM accounts_chatsession c WHERE c.chain = q.chain AND c.rotated_at IS NULL ORDER BY c.id DESC LIMIT 1) s
  JOIN tenants_assistant a ON a.id = q.assistant_id AND a.tenant_id = s.tenant_id {SESSION_TABLES}
 CROSS JOIN LATERAL (SELECT s.tenant_id, e.user_id, s.impersonation_id) p {LOGIN_TABLES}"""  # noqa: S608 - of constants


def ended(opened: Collection[Opened]) -> set[Opened]:
    """Those of them whose session does not count any more.  One statement for all; none where there are none."""
    asked = list(opened)
    if not asked:
        return set()
    rows = fetch(
        _OPENED,
        ([each.chain for each in asked], [each.assistant_id for each in asked]),
        across="a chain of sessions says whose it is",
    )
    now, width = timezone.now(), len(SessionState._fields)
    valid = {
        asked[place - 1]
        for place, *columns in rows
        if ending_of(SessionState(*columns[:width]), LoginState(*columns[width:]), now) is None
    }
    return {each for each in asked if each not in valid}

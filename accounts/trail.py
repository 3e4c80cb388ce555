"""What happens to a login is written down in the audit trail of each tenant that its person belongs to, else in the platform's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.conf import settings
from django.contrib.auth.signals import user_login_failed

from accounts import sessions
from accounts.models import User
from chatplatform.lib.client_address import client_address
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from tenants import impersonation, rate_limits
from tenants.acting import SYSTEM, Actor, acting_as
from tenants.models import AuditEvent, Membership, PlatformEvent

if TYPE_CHECKING:
    from django.http import HttpRequest  # noqa: TID251 - what signals carry


def connect() -> None:
    """Listen to what signing in says."""
    user_login_failed.connect(_password_failed)
    mfa.authentication_failed.connect(_code_failed)
    for signal, action in (
        (account.password_changed, "login.password"),
        (account.password_reset, "login.password_reset"),
        (mfa.authenticator_added, "login.factor_add"),
        (mfa.authenticator_removed, "login.factor_remove"),
        (mfa.authenticator_reset, "login.factor_renew"),
    ):
        signal.connect(_Changed(action), weak=False)


def record(user: User, action: str, *, actor: Actor, **after: str) -> None:
    """Write down what was done to a login.  One query, and one for each tenant of its person."""
    with acting_as(actor):
        memberships = Membership.of_login(user.pk)
        for membership in memberships:
            AuditEvent.record(membership.tenant_id, action, user, after=after)
        if user.is_staff or not memberships:
            PlatformEvent.record(action, user, after=after)


class _Changed:
    """Whoever is signed in, or came by the link of an e-mail, changed how they sign in."""

    def __init__(self, action: str) -> None:
        self._action = action

    def __call__(self, *, request: HttpRequest, user: User, authenticator: Any = None, **_: Any) -> None:
        kind = {"factor": authenticator.type} if authenticator is not None else {}
        actor = _actor(request, user)
        record(user, self._action, actor=actor, **kind)
        if authenticator is None:
            # A new password ends what was opened with the old one.
            sessions.revoke_login(user)
            with acting_as(actor):
                impersonation.end_all_of(user)


def _password_failed(*, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    name = str(credentials.get("username") or credentials.get("email") or "").strip().lower()
    user = User.objects.filter(email=name).first() if name and "\0" not in name else None
    _failed(request, user, "password")


def _code_failed(*, request: HttpRequest, user: User, **_: Any) -> None:
    _failed(request, user, "code")


def _failed(request: HttpRequest | None, user: User | None, what: str) -> None:
    """Nobody is known to be there: the platform itself says so."""
    if user is None:
        return
    try:
        rate_limits.spend_sync("login failed", account=user.pk)
    except PlatformError:
        return
    address = _address(request) if request is not None else None
    record(user, "login.failed", actor=Actor(SYSTEM.kind, request_id=new_id("request"), address=address), what=what)


def _actor(request: HttpRequest, user: User) -> Actor:
    return Actor("staff" if user.is_staff else "member", user.email, user.pk, new_id("request"), _address(request))


def _address(request: HttpRequest) -> str | None:
    return client_address(request.META) if settings.AUDIT_ADDRESSES else None

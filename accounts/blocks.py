"""Blocked visitors: who is kept out of a tenant for a time, recognised by their chat's cookie, their device or their address.

A visitor without a login can have a new session at any time, so ending one blocks no visitor.  A block is checked wherever a
session is opened or renewed, and ends those that it holds.  People with a login are suspended as members instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

from accounts.models import Block, ChatSession, EndUser
from chatplatform.lib.db_pool import fetch
from chatplatform.lib.errors import PlatformError
from tenants.models import AuditEvent
from tenants.scope import tenant_scope

Kind = Block.Kind
_SALT = "accounts.device"
#: Sessions of a visitor that are looked at for what they are recognised by; the newest ones.
_SESSIONS = 20


@dataclass(frozen=True, slots=True)
class Client:
    """What a browser is recognised by."""

    #: The token of its chat session, whatever became of that; or empty.
    token: str = field(default="", repr=False)
    #: `client_network` of its address.
    network: str = ""
    #: The id in its device cookie; empty where it sent none, or none of ours.
    device: str = ""

    def hash_of(self, kind: Kind, tenant_id: int) -> bytes | None:
        """What a session keeps of the address or the device: no one can tell from it what that was."""
        value = self.network if kind == Kind.ADDRESS else self.device
        return _hashes(tenant_id, kind, value)[0] if value else None


def new_device() -> str:
    """A signed id for the cookie of a browser that has none."""
    return Signer(salt=_SALT).sign(get_random_string(22))


def device_of(cookie: str) -> str:
    """The id in a device cookie, if we signed it."""
    try:
        return Signer(salt=_SALT).unsign(cookie)
    except BadSignature:
        return ""


def check(tenant_id: int, client: Client) -> None:
    """One query, in the tenant's scope.

    Raises:
        PlatformError: ``access_blocked``, with the time until which; ``access_suspended``.
    """
    until, is_suspended = fetch(
        "SELECT (SELECT max(b.expires_at) FROM accounts_block b WHERE b.tenant_id = %s AND b.expires_at > now() AND ("
        "(b.kind = 'address' AND b.key_hash = ANY(%s::bytea[])) OR (b.kind = 'device' AND b.key_hash = ANY(%s::bytea[])) "
        "OR (b.kind = 'cookie' AND b.end_user_id = k.end_user_id))), k.suspended_at IS NOT NULL "
        "FROM (SELECT %s::bigint AS tenant_id, %s::bytea AS token_hash) c LEFT JOIN LATERAL ("
        "SELECT s.end_user_id, e.suspended_at FROM accounts_chatsession s JOIN accounts_enduser e ON e.id = s.end_user_id "
        "WHERE s.token_hash = c.token_hash AND s.tenant_id = c.tenant_id AND e.kind = 'anonymous') k ON true",
        (
            tenant_id,
            _hashes(tenant_id, Kind.ADDRESS, client.network),
            _hashes(tenant_id, Kind.DEVICE, client.device),
            tenant_id,
            hashlib.sha256(client.token.encode()).digest(),
        ),
    )[0]
    if until is not None:
        raise PlatformError("access_blocked", hint=f"You can chat here again after {until:%d %B %Y, %H:%M} UTC.")
    if is_suspended:
        raise PlatformError("access_suspended")


@transaction.atomic
def block(end_user: EndUser, kinds: Iterable[str], duration: timedelta, reason: str) -> list[Block]:
    """Block the cookie, device or address of this visitor, and end the sessions that match.

    Raises:
        ValidationError: nothing was chosen, the person has a login, or nothing of a kind is known.
    """
    kinds, tenant_id, until = list(kinds), end_user.tenant_id, timezone.now() + duration
    if not kinds:
        raise ValidationError("Choose what the visitor is recognised by.")
    if end_user.user_id is not None:
        raise ValidationError("A person with a login is suspended as a member.")
    if Kind.COOKIE in kinds and end_user.kind != EndUser.Kind.ANONYMOUS:
        raise ValidationError("Suspend this person instead: the site that embeds the chat identifies them.")
    with tenant_scope(tenant_id):
        made = []
        for kind in kinds:
            keys = [None] if kind == Kind.COOKIE else _keys_of(end_user, Kind(kind))
            if not keys:
                raise ValidationError(f"No {Kind(kind).label.lower()} of this visitor is known.")
            made += [
                Block(tenant_id=tenant_id, kind=kind, key_hash=key, end_user=end_user, reason=reason, expires_at=until)
                for key in keys
            ]
        Block.objects.bulk_create(made)
        _end_sessions(end_user, made)
        AuditEvent.record(
            tenant_id, "enduser.block", end_user, after={"kinds": sorted(kinds), "until": until}, reason=reason
        )
    return made


@transaction.atomic
def lift(one: Block) -> None:
    """Lift the block: the visitor can open sessions again."""
    with tenant_scope(one.tenant_id):
        AuditEvent.record(one.tenant_id, "block.lift", one, before={"kind": one.kind, "until": one.expires_at})
        one.delete()


def count_expired(moment: datetime) -> int:
    """How many blocks had expired by ``moment``."""
    return int(fetch("SELECT count(*) FROM accounts_block WHERE expires_at < %s", (moment,), across=_BY_AGE)[0][0])


def remove_expired(moment: datetime) -> int:
    """Delete those that had; returns how many."""
    return len(fetch("DELETE FROM accounts_block WHERE expires_at < %s RETURNING id", (moment,), across=_BY_AGE))


_BY_AGE = "blocks expire in every tenant"


def known_kinds(end_user: EndUser) -> list[Kind]:
    """By what a visitor can be blocked.  Two queries."""
    by_cookie = [Kind.COOKIE] if end_user.kind == EndUser.Kind.ANONYMOUS else []
    return by_cookie + [kind for kind in (Kind.DEVICE, Kind.ADDRESS) if _keys_of(end_user, kind)]


def _keys_of(end_user: EndUser, kind: Kind) -> list[bytes]:
    """The addresses or devices of their newest sessions, as hashes."""
    column = "network_hash" if kind == Kind.ADDRESS else "device_hash"
    rows = ChatSession.objects.for_tenant(end_user.tenant_id).filter(end_user=end_user).order_by("-pk")
    found = [bytes(one) for one in rows.values_list(column, flat=True)[:_SESSIONS] if one is not None]
    return list(dict.fromkeys(found))


def _end_sessions(end_user: EndUser, blocks: list[Block]) -> None:
    held = Q(end_user=end_user)
    for one in blocks:
        if one.kind == Kind.ADDRESS:
            held |= Q(network_hash=one.key_hash)
        elif one.kind == Kind.DEVICE:
            held |= Q(device_hash=one.key_hash)
    rows = ChatSession.objects.for_tenant(end_user.tenant_id).filter(held, revoked_at=None, end_user__user=None)
    rows.update(revoked_at=timezone.now())


def _hashes(tenant_id: int, kind: Kind, value: str) -> list[bytes]:
    """Under the secret of today, then under those before: what was blocked before a change of the secret is still."""
    if not value:
        return []
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [
        salted_hmac(f"accounts.block.{kind}", f"{tenant_id}:{value}", secret=secret, algorithm="sha256").digest()
        for secret in secrets
    ]

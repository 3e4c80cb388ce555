"""Who may come in by the provider of their organisation: verbs on it, each with its line in the tenant's audit trail.

What a provider says of an address counts for members of its tenant.  It never joins an account that exists to a tenant: only its
person does, by the link of an invitation.
"""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts import members, sessions
from accounts.models import User
from accounts.oidc import Claims
from chatplatform.lib.errors import PlatformError
from tenants.models import AuditEvent, Membership, SignIn

#: What a login that was vouched for rests on: when one of it changes, it ends.
_GROUND = ("issuer", "client_id", "is_enabled")


def admit(sign_in: SignIn, claims: Claims) -> User:
    """The member, or whom the tenant invited or takes without, who gets an account then that has no password.

    Raises:
        PlatformError: ``sign_in_unverified``, ``sign_in_stranger``.
    """
    email = (claims.email or "").strip().lower()
    if claims.email_verified is not True or not _is_address(email):
        raise PlatformError("sign_in_unverified")
    if sign_in.allowed_domains and email.rpartition("@")[2] not in sign_in.allowed_domains:
        raise PlatformError("sign_in_stranger")
    user = User.objects.filter(email=email).first()
    if user is None:
        try:
            return members.join(sign_in.tenant, email, _name(claims), takes_anybody=sign_in.creates_members)
        except ValidationError:
            raise PlatformError("sign_in_stranger") from None
    is_member = Membership.active_in(sign_in.tenant_id).filter(user=user).exists()
    if user.is_staff or not user.is_active or not is_member:
        raise PlatformError("sign_in_stranger")
    return user


@transaction.atomic
def settle(sign_in: SignIn, changed: set[str]) -> None:
    """Save it.  Whoever came in by what it was before is signed out."""
    if sign_in.pk and not changed.isdisjoint(_GROUND):
        sign_in.generation = uuid.uuid4()
        sessions.revoke_sign_in(sign_in)
    sign_in.save()


def refuse(sign_in: SignIn, code: str, why: str) -> None:
    """Write down that somebody was not let in."""
    AuditEvent.record(sign_in.tenant_id, "login.company_refused", sign_in, after={"code": code, "why": why})


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return email.isascii()


def _name(claims: Claims) -> str:
    return "".join(character for character in claims.name if character.isprintable()).strip()[:120]

"""Verbs on the members of a tenant: each does the write and its line in the audit trail, for pages and commands alike.

The caller has asked `tenants.permissions`, and says with `acting_as()` who it is.  Here stands what only the database can tell:
nobody reaches above their own role, and a tenant keeps an owner.  All of them lock the tenant's row first, so that of two at once
the second sees what the first did.  They refuse with a `ValidationError`, whose sentence is for whoever asked.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.dispatch import Signal
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import sessions
from accounts.models import EndUser, User
from chatplatform.lib.errors import PlatformError
from tenants import plans, rate_limits
from tenants.models import AuditEvent, Invitation, Membership, Tenant, Usage
from tenants.models.invitation import hash_of
from tenants.permissions import Role, reaches
from tenants.scope import tenant_scope

#: Sent in the transaction in which an ``end_user`` is deleted, before their rows go: layers above delete what is no row.
end_user_deleted = Signal()


def check_new(tenant: Tenant, email: str) -> None:
    """Raises: ValidationError: the address belongs to a member already."""
    if Membership.objects.for_tenant(tenant).filter(user__email=email).exists():
        raise ValidationError(f"{email} is a member already.")


@transaction.atomic
def invite(
    tenant: Tenant, email: str, role: str, *, by: Role, site: str, inviter: User | None = None, mail: bool = True
) -> tuple[Invitation, str]:
    """Send somebody a link, in the place of an earlier one.

    Args:
        by: the role of whoever invites.
        site: where the link leads, as ``https://chat.example.com``.
        mail: False for a caller that hands the link over itself.

    Returns: the invitation and its link, which exists in clear only here and in the e-mail.

    Raises:
        ValidationError: for a member, a role above that of whoever invites, one more than the plan allows, or too many e-mails.
    """
    email, now, token = email.strip().lower(), timezone.now(), secrets.token_urlsafe(32)
    with _locked(tenant.pk):
        _check_reach(by, role)
        check_new(tenant, email)
        if mail:
            _count_invitation(tenant, email)
        Invitation.open_in(tenant.pk).filter(email=email).update(revoked_at=now)
        plans.check_members(tenant)
        invitation = Invitation.objects.create(
            tenant=tenant,
            email=email,
            role=role,
            token_hash=hash_of(token),
            invited_by=inviter,
            expires_at=now + timedelta(days=settings.INVITATION_DAYS),
        )
        AuditEvent.record(tenant.pk, "invitation.add", invitation, after={"role": role})
    link = f"{site}{reverse('invitation')}#{token}"

    def send() -> None:
        words = {"tenant": tenant, "invitation": invitation, "inviter": inviter, "link": link}
        text = render_to_string("accounts/invitation.txt", words)
        send_mail(f"Join {' '.join(tenant.name.split())}", text, None, [email])

    if mail:
        # A mail server that is away takes nothing back: the failure is in the log, and one may invite again.
        transaction.on_commit(send, robust=True)
    return invitation, link


def _count_invitation(tenant: Tenant, email: str) -> None:
    """Raises: ValidationError: the tenant sends too many, or the address is sent too many."""
    try:
        rate_limits.spend_sync("invitations", tenant=tenant.pk, recipient=hashlib.sha256(email.encode()).hexdigest())
    except PlatformError as error:
        minutes = -(-int(error.headers["Retry-After"]) // 60)
        raise ValidationError(f"Too many invitations were sent. Try again in {minutes} minutes.") from None


@transaction.atomic
def accept(invitation: Invitation, user: User | None, *, name: str = "", password: str = "") -> User:
    """Make whom it was sent to a member, with a new login where they have none.

    Raises:
        ValidationError: it is not good any more, or was sent to somebody else.
    """
    tenant, now = invitation.tenant, timezone.now()
    with _locked(tenant.pk):
        open_one = Invitation.open_in(tenant.pk).filter(pk=invitation.pk, expires_at__gt=now)
        has_login = User.objects.filter(email=invitation.email).exists()
        is_theirs = not has_login if user is None else user.email == invitation.email
        if not is_theirs or not open_one.update(accepted_at=now):
            raise ValidationError("This invitation is not good any more.")
        user = user or User.objects.create_user(invitation.email, password, name=name)
        Membership.objects.for_tenant(tenant).get_or_create(
            tenant=tenant, user=user, defaults={"role": invitation.role}
        )
        AuditEvent.record(tenant.pk, "invitation.accept", invitation, after={"role": invitation.role})
    return user


@transaction.atomic
def join(tenant: Tenant, email: str, name: str, *, takes_anybody: bool) -> User:
    """Make somebody a member for whom the tenant's own provider vouches: as invited, or as a viewer where it takes anybody.

    Their new account has no password; who reads the address's e-mail may choose one (`accounts.forms`).

    Raises:
        ValidationError: they are not invited, the plan allows no more, or the address has an account by now.
    """
    with _locked(tenant.pk):
        open_one = Invitation.open_in(tenant.pk).filter(email=email, expires_at__gt=timezone.now()).first()
        if open_one is None and not takes_anybody:
            raise ValidationError("Nobody invited this address.")
        if open_one is None:
            plans.check_members(tenant)
        if User.objects.filter(email=email).exists():
            raise ValidationError("This address has an account.")
        user = User.objects.create_user(email, name=name)
        role = open_one.role if open_one else Role.VIEWER
        member = Membership.objects.create(tenant=tenant, user=user, role=role)
        if open_one is not None:
            open_one.accepted_at = timezone.now()
            open_one.save(update_fields=["accepted_at"])
            AuditEvent.record(tenant.pk, "invitation.accept", open_one, after={"role": role})
        AuditEvent.record(tenant.pk, "membership.join", member, after={"role": role})
    return user


@transaction.atomic
def revoke(invitation: Invitation, *, by: Role) -> None:
    """Make its link worth nothing.

    Raises:
        ValidationError: it was accepted or revoked before, or is for a role above that of whoever revokes it.
    """
    with _locked(invitation.tenant_id):
        _check_reach(by, invitation.role)
        if not Invitation.open_in(invitation.tenant_id).filter(pk=invitation.pk).update(revoked_at=timezone.now()):
            raise ValidationError("This invitation is not open any more.")
        AuditEvent.record(invitation.tenant_id, "invitation.revoke", invitation)


@transaction.atomic
def change_role(member: Membership, role: str, *, by: Role) -> None:
    """Give a member another role.

    Raises:
        ValidationError: either role is above that of whoever does it, or the tenant would have no owner.
    """
    with _locked(member.tenant_id):
        member = _again(member)
        _check_reach(by, member.role, role)
        if role != member.role:
            _set_role(member, role)


@transaction.atomic
def remove_member(member: Membership, *, by: Role | None = None) -> None:
    """Take a member out, and end their chat sessions.  Without ``by`` it is the member who leaves.

    Raises:
        ValidationError: their role is above that of whoever does it, or the tenant would have no owner.
    """
    with _locked(member.tenant_id):
        member = _again(member)
        if by is not None:
            _check_reach(by, member.role)
        _keep_an_owner(member)
        action = "membership.leave" if by is None else "membership.remove"
        AuditEvent.record(member.tenant_id, action, member, before={"user": member.user_id, "role": member.role})
        # What they promised in the tenant's name ends with them.
        _revoke_of(member, Role)
        for end_user in EndUser.objects.for_tenant(member.tenant_id).filter(user_id=member.user_id):
            sessions.revoke_end_user(end_user)
        member.delete()


@transaction.atomic
def suspend_member(member: Membership, reason: str, *, by: Role) -> None:
    """Let a member be nobody in the tenant until they are resumed: no admin, no chat; what they wrote stays.

    Raises:
        ValidationError: they are suspended already, their role is above that of whoever does it, or the tenant would have no owner.
    """
    with _locked(member.tenant_id):
        member = _again(member)
        _check_reach(by, member.role)
        _keep_an_owner(member)
        if member.suspended_at is not None:
            raise ValidationError("This person is suspended already.")
        member.suspended_at = timezone.now()
        member.save(update_fields=["suspended_at"])
        _revoke_of(member, Role)
        for end_user in EndUser.objects.for_tenant(member.tenant_id).filter(user_id=member.user_id, suspended_at=None):
            _close(end_user)
        AuditEvent.record(member.tenant_id, "membership.suspend", member, reason=reason)


@transaction.atomic
def resume_member(member: Membership, reason: str, *, by: Role) -> None:
    """Let a suspended member come back.

    Raises:
        ValidationError: they are not suspended, or their role is above that of whoever does it.
    """
    with _locked(member.tenant_id):
        member = _again(member)
        _check_reach(by, member.role)
        if member.suspended_at is None:
            raise ValidationError("This person is not suspended.")
        member.suspended_at = None
        member.save(update_fields=["suspended_at"])
        EndUser.objects.for_tenant(member.tenant_id).filter(user_id=member.user_id).update(suspended_at=None)
        AuditEvent.record(member.tenant_id, "membership.resume", member, reason=reason)


@transaction.atomic
def suspend_end_user(end_user: EndUser, reason: str) -> None:
    """End the chat of a visitor, or of somebody whom the tenant's site identifies, until they are resumed.

    Raises:
        ValidationError: they are suspended already, or a member, who is suspended as such.
    """
    with _locked(end_user.tenant_id):
        _close(_suspendable(end_user, is_suspended=False))
        AuditEvent.record(end_user.tenant_id, "enduser.suspend", end_user, reason=reason)


@transaction.atomic
def resume_end_user(end_user: EndUser, reason: str) -> None:
    """Let them chat again.

    Raises:
        ValidationError: they are not suspended, or a member.
    """
    with _locked(end_user.tenant_id):
        found = _suspendable(end_user, is_suspended=True)
        found.suspended_at = None
        found.save(update_fields=["suspended_at"])
        AuditEvent.record(end_user.tenant_id, "enduser.resume", end_user, reason=reason)


@transaction.atomic
def delete_end_user(end_user: EndUser) -> None:
    """Delete somebody who chats, with their conversations, files and chat sessions.  What they used stays counted, as nobody's.

    An answer that is being written for them ends with the next renewal of its lease.
    """
    with _locked(end_user.tenant_id):
        AuditEvent.record(end_user.tenant_id, "enduser.delete", end_user)
        Usage.objects.for_tenant(end_user.tenant_id).filter(end_user=end_user.public_id).update(end_user="")
        end_user_deleted.send(EndUser, end_user=end_user)
        EndUser.objects.for_tenant(end_user.tenant_id).filter(pk=end_user.pk).delete()


@transaction.atomic
def transfer_ownership(to: Membership, *, giver: Membership | None) -> None:
    """Make a member the owner; ``giver`` becomes an admin, or without one (staff does it) every other owner.

    Raises:
        ValidationError: the member is suspended or their login is closed, they own the tenant themselves, or whoever gives does not
            own it any more.
    """
    with _locked(to.tenant_id):
        to = _again(to)
        owners = Membership.objects.for_tenant(to.tenant_id).filter(role=Role.OWNER).exclude(pk=to.pk)
        givers = list(owners.filter(pk=giver.pk) if giver else owners)
        if not to.user.is_active or to.suspended_at is not None or (giver and not givers):
            raise ValidationError("Choose another member, whose login is open, and who is not suspended.")
        if to.role != Role.OWNER:
            _set_role(to, Role.OWNER)
        for one in givers:
            _set_role(one, Role.ADMIN)
        AuditEvent.record(to.tenant_id, "tenant.transfer", to, after={"user": to.user_id})


@contextmanager
def _locked(tenant_id: int) -> Iterator[None]:
    """A block in the tenant's scope that has its row to itself; other tables may still point at it."""
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant_id)
    with tenant_scope(tenant_id):
        yield


def _again(member: Membership) -> Membership:
    """As it is now that nobody else changes it."""
    found = Membership.objects.for_tenant(member.tenant_id).select_related("user").filter(pk=member.pk).first()
    if found is None:
        raise ValidationError("This person is no member any more.")
    return found


def _suspendable(end_user: EndUser, *, is_suspended: bool) -> EndUser:
    """As they are now, if something can be changed about it."""
    found = EndUser.objects.for_tenant(end_user.tenant_id).filter(pk=end_user.pk).first()
    if found is None or found.user_id is not None:
        raise ValidationError("Whoever has a login here is suspended as a member.")
    if (found.suspended_at is not None) is not is_suspended:
        raise ValidationError(f"This person is {'not suspended' if is_suspended else 'suspended already'}.")
    return found


def _close(end_user: EndUser) -> None:
    """End their sessions, and with those the answers that are being written."""
    end_user.suspended_at = timezone.now()
    end_user.save(update_fields=["suspended_at"])
    sessions.revoke_end_user(end_user)


def _check_reach(by: Role, *roles: str) -> None:
    if not all(reaches(by, role) for role in roles):
        raise ValidationError("This is above your own role.")


def _keep_an_owner(member: Membership) -> None:
    """Raises: ValidationError: the member is the tenant's last owner who can sign in."""
    others = Membership.active_in(member.tenant_id).filter(role=Role.OWNER, user__is_active=True)
    if member.role == Role.OWNER and not others.exclude(pk=member.pk).exists():
        raise ValidationError("A tenant keeps an owner: hand it over to somebody else first.")


def _set_role(member: Membership, role: str) -> None:
    if role != Role.OWNER:
        _keep_an_owner(member)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    AuditEvent.record(member.tenant_id, "membership.role", member, before={"role": before}, after={"role": role})
    _revoke_of(member, [other for other in Membership.Role.values if not reaches(Role(role), other)])


def _revoke_of(member: Membership, roles: Iterable[str]) -> None:
    """End the open invitations that a member sent for these roles."""
    sent = Invitation.open_in(member.tenant_id).filter(invited_by=member.user_id, role__in=list(roles))
    sent.update(revoked_at=timezone.now())

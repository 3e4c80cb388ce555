"""Who a chat session is for.  The only identities are a Django login and a chat session that we minted ourselves."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from accounts import blocks, sessions
from accounts.blocks import Client
from accounts.models import EndUser, User
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import new_id
from tenants.models import Assistant, Membership, Tenant
from tenants.models.tenant import SLUG
from tenants.scope import tenant_scope


def tenant_named(slug: object) -> Tenant:
    """The active tenant with this slug.

    Raises:
        PlatformError: ``tenant_required`` (none given), ``not_found`` (unknown or suspended: the two look alike).
    """
    if not slug:
        raise PlatformError("tenant_required")
    tenant = Tenant.objects.filter(slug=slug, status=Tenant.Status.ACTIVE).first() if is_slug(slug) else None
    if tenant is None:
        raise PlatformError("not_found")
    return tenant


def check_entry(tenant: Tenant | None, user: AbstractBaseUser | AnonymousUser, token: str) -> Tenant:
    """Return the tenant, if somebody may chat there at all.  One for members only and one that does not exist look alike.

    Args:
        tenant: the one that was named; None where there is none of that name.
        user: as in `end_user_for`.
        token: as in `end_user_for`.

    Raises:
        PlatformError: ``login_required``, whether there is no such tenant or it is not for this login.
    """
    if tenant is not None:
        known = _of_session(tenant, token) if tenant.access != Tenant.Access.ANONYMOUS else None
        is_known = known is not None and known.kind != EndUser.Kind.MEMBER
        if tenant.access == Tenant.Access.ANONYMOUS or is_known or is_member(user, tenant):
            return tenant
    raise PlatformError("login_required", hint=settings.LOGIN_URL)


def is_slug(value: object) -> bool:
    """Whether it has the shape of a slug; anything else names nothing, and never reaches the database."""
    return isinstance(value, str) and SLUG.fullmatch(value) is not None


def assistant_named(tenant: Tenant, slug: object) -> Assistant:
    """The tenant's enabled assistant with this slug; the default one when none is given.

    Raises:
        PlatformError: ``not_found``.
    """
    enabled = Assistant.objects.for_tenant(tenant).filter(is_enabled=True)
    wanted = enabled.filter(slug=slug) if slug else enabled.filter(is_default=True)
    found = wanted.first() if not slug or is_slug(slug) else None
    if found is None:
        raise PlatformError("not_found")
    return found


def is_member(user: AbstractBaseUser | AnonymousUser, tenant: Tenant) -> bool:
    """Whether a login belongs to the tenant.  One query for a login, none for a visitor."""
    return bool(isinstance(user, User) and user.is_active and Membership.active_in(tenant).filter(user=user).exists())


def end_user_for(
    *, tenant: Tenant, user: AbstractBaseUser | AnonymousUser, token: str, client: Client | None = None
) -> EndUser:
    """The end user who is speaking: the signed-in member, else whom a valid chat session names, else a new visitor.

    Args:
        user: of Django's session, or the member as whom somebody of the platform acts.
        token: of the chat session that the browser sent, or empty.
        client: what the browser of a visitor is recognised by.

    Raises:
        PlatformError: ``login_required``, when the tenant takes only members; ``access_blocked``, ``access_suspended``;
            ``not_found``-like refusals never name a person.
    """
    if is_member(user, tenant):
        return _member(tenant, user)  # type: ignore[arg-type]
    if client is not None:
        with tenant_scope(tenant):
            blocks.check(tenant.pk, client)
    if (known := _of_session(tenant, token)) is not None and known.kind != EndUser.Kind.MEMBER:
        return known
    if tenant.access != Tenant.Access.ANONYMOUS:
        raise PlatformError("login_required", hint=settings.LOGIN_URL)
    return EndUser.objects.create(tenant=tenant, public_id=new_id("end_user"), kind=EndUser.Kind.ANONYMOUS)


def _member(tenant: Tenant, user: User) -> EndUser:
    found, _created = EndUser.objects.for_tenant(tenant).get_or_create(
        tenant=tenant,
        user=user,
        kind=EndUser.Kind.MEMBER,
        defaults={"public_id": new_id("end_user"), "display_name": user.name},
    )
    if found.suspended_at is not None:
        raise PlatformError("login_required", hint=settings.LOGIN_URL)
    return found


def _of_session(tenant: Tenant, token: str) -> EndUser | None:
    """The end user of a session that is still good, and was not opened in an embed.  A member's counts only with the login."""
    try:
        session = sessions.recognise(token)
    except PlatformError:
        return None
    if session.tenant.id != tenant.pk or session.embed:
        return None
    return EndUser.objects.for_tenant(tenant).get(pk=session.end_user.id)

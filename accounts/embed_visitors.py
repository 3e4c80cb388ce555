"""Who is speaking in an embed: whom the tenant's site identifies, else, where its policy allows one, a visitor.

A Django login counts for nothing there: the page around it is somebody else's.
"""

from __future__ import annotations

from django.db import transaction

from accounts import blocks, host_tokens, sessions
from accounts.blocks import Client
from accounts.host_tokens import Claims
from accounts.models import ChatSession, EndUser
from chatplatform.lib.db_pool import fetch
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.ids import is_public_id, new_id
from tenants.models import Embed, Tenant
from tenants.scope import tenant_scope


def embed_named(public_id: str) -> Embed:
    """The enabled embed of an active tenant, with tenant and assistant.  Two queries.

    Raises:
        PlatformError: ``not_found`` (unknown, off, or its tenant or assistant is: they look alike).
    """
    # By its unique id: this is where a request learns its tenant, so that there is none to name yet.
    rows = (
        fetch(
            "SELECT tenant_id FROM tenants_embed WHERE public_id = %s", (public_id,), across="an embed says whose it is"
        )
        if is_public_id(public_id)
        else []
    )
    found = (
        Embed.objects.for_tenant(rows[0][0])
        .filter(public_id=public_id, is_enabled=True, assistant__is_enabled=True, tenant__status=Tenant.Status.ACTIVE)
        .select_related("tenant", "assistant")
        .first()
        if rows
        else None
    )
    if found is None:
        raise PlatformError("not_found")
    return found


def end_user_in(embed: Embed, *, identity: str, client: Client) -> EndUser:
    """The end user who is speaking in an embed.

    Without an identity nobody stays identified: the session of somebody identified earlier counts only for what it renews itself.

    Args:
        identity: the JWT of the tenant's site, or empty.
        client: what the browser is recognised by, with the token that the frame has had so far.

    Raises:
        PlatformError: ``identity_required``, ``identity_not_taken``, ``access_blocked``, ``access_suspended``, and those of
            `host_tokens`.
    """
    with tenant_scope(embed.tenant):
        blocks.check(embed.tenant_id, client)
        # Both leave something that a later refusal must not take back: a revoked chain, and the note that a secret was opened.
        visitor = _visitor_of(embed, client.token)
        claims = _claims(embed, identity)
        with transaction.atomic():
            return _speaking(embed, claims, visitor)


def continues(embed: Embed, token: str) -> bool:
    """Whether a token is that of a visitor's session in this very embed, which still counts."""
    with tenant_scope(embed.tenant):
        return _visitor_of(embed, token) is not None


def _claims(embed: Embed, identity: str) -> Claims | None:
    if not identity:
        return None
    if embed.identity == Embed.Identity.NONE:
        raise PlatformError("identity_not_taken")
    return host_tokens.verify(embed, identity)


def _speaking(embed: Embed, claims: Claims | None, visitor_id: int | None) -> EndUser:
    visitors = EndUser.objects.for_tenant(embed.tenant).filter(kind=EndUser.Kind.ANONYMOUS)
    visitor = visitors.select_for_update().filter(pk=visitor_id).first() if visitor_id is not None else None
    if claims is not None:
        host_tokens.spend(embed, claims)
        return _identified(embed, claims, visitor)
    if embed.identity == Embed.Identity.REQUIRED:
        raise PlatformError("identity_required")
    return visitor or EndUser.objects.create(
        tenant=embed.tenant, public_id=new_id("end_user"), kind=EndUser.Kind.ANONYMOUS
    )


def _visitor_of(embed: Embed, token: str) -> int | None:
    """The key of the anonymous visitor whom a good session of this very embed names."""
    try:
        session = sessions.recognise(token)
    except PlatformError:
        return None
    if session.embed != embed.public_id or session.end_user.kind != EndUser.Kind.ANONYMOUS:
        return None
    return session.end_user.id


def _identified(embed: Embed, claims: Claims, visitor: EndUser | None) -> EndUser:
    """Whoever the site names, with what it says now; what the visitor wrote before becomes theirs."""
    tenant = embed.tenant
    # Two first visits at the same time wait here for each other.
    fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", (claims.sub, tenant.pk))
    known = EndUser.objects.for_tenant(tenant).filter(external_id=claims.sub).first()
    if known is not None and known.suspended_at is not None:
        raise PlatformError("access_suspended")
    if visitor is not None:
        # Whoever else holds a token of the visitor must not become the person whom the site names.
        sessions.revoke_end_user(visitor)
    if known is None:
        known = visitor or EndUser(tenant=tenant, public_id=new_id("end_user"))
        known.kind, known.external_id = EndUser.Kind.EXTERNAL, claims.sub
    elif visitor is not None:
        _merge(visitor, known)
    known.display_name, known.email, known.traits = claims.name, claims.email, claims.traits
    known.save()
    return known


def _merge(visitor: EndUser, person: EndUser) -> None:
    """Everything that the visitor owns becomes the person's, whatever models there are; then the visitor is gone."""
    for relation in EndUser._meta.get_fields(include_hidden=True):
        model = relation.related_model
        if not relation.auto_created or not relation.one_to_many or model is ChatSession:
            continue
        name = relation.field.name  # type: ignore[union-attr]
        rows = model._default_manager.for_tenant(visitor.tenant_id)  # type: ignore[union-attr]
        rows.filter(**{name: visitor}).update(**{name: person})
    EndUser.objects.for_tenant(visitor.tenant_id).filter(pk=visitor.pk).delete()

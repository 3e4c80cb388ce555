"""What a search may see: the sources of one tenant that are for this person and this assistant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat.context import ChatContext
from chat.models import KnowledgeSource


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Keys of a tenant's sources, looked up under that tenant: nothing that a caller sent is among them."""

    tenant_id: int
    source_ids: tuple[int, ...]


def scope_of(context: ChatContext, named: Sequence[str] = (), *, kind: str = "") -> SearchScope:
    """One query.  ``named``: the public ids of the sources that an assistant uses; all of the tenant's, if it names none."""
    sources = KnowledgeSource.objects.for_tenant(context.tenant.id).filter(
        KnowledgeSource.readable_by(context.end_user.role), is_enabled=True
    )
    if kind:
        sources = sources.filter(kind=kind)
    if named:
        sources = sources.filter(public_id__in=named)
    return SearchScope(context.tenant.id, tuple(sources.values_list("pk", flat=True)))

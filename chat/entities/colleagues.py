"""colleague: the members of the tenant who have used the chat; only members see them."""

from __future__ import annotations

from django.db import models

from accounts.models import EndUser
from chat.context import ChatContext
from chat.entities.kinds import EntityKind, register


def _rows(context: ChatContext) -> models.QuerySet[EndUser]:
    members = EndUser.objects.for_tenant(context.tenant.id).filter(kind=EndUser.Kind.MEMBER, suspended_at=None)
    if context.end_user.kind != EndUser.Kind.MEMBER:
        return members.none()
    return members.exclude(pk=context.end_user.id).exclude(display_name="").order_by("display_name", "id")


COLLEAGUES = register(
    EntityKind(
        name="colleague",
        group="Colleagues",
        icon="profile",
        rows=_rows,
        search_fields=("display_name",),
        title=lambda person: str(person.display_name),
    )
)

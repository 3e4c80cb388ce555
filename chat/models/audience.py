"""Who may read what a tenant's sources hold: the one rule, for answers, citations, documents and the admin panel."""

from __future__ import annotations

from django.db import models

from tenants.permissions import Role


class Audience(models.TextChoices):
    """For whom a source is meant."""

    EVERYBODY = "everybody", "Everybody who may chat"
    MEMBERS = "members", "Members of the tenant"
    TEAM = "team", "Owners, admins and operators"


#: Who reads sources for the team: the roles that change something in a tenant, and the platform's staff.
_TEAM = frozenset(Role) - {Role.VIEWER}


def audiences_of(role: str) -> list[str]:
    """Return the audiences to which somebody in this role belongs.

    Args:
        role: a role of `tenants.permissions`; empty for people who are not members.
    """
    allowed: list[str] = [Audience.EVERYBODY]
    if role:
        allowed.append(Audience.MEMBERS)
    if role in _TEAM:
        allowed.append(Audience.TEAM)
    return allowed


def readable_by(role: str, source: str = "") -> models.Q:
    """Return the condition under which somebody in this role may read a source, or a row that belongs to one.

    Args:
        role: as in `audiences_of`.
        source: the name of the field that leads from the row to its source; empty for a source itself.
    """
    prefix = f"{source}__" if source else ""
    return models.Q(**{f"{prefix}audience__in": audiences_of(role)})

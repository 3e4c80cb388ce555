"""Who may do what: the one table.  docs/reference/permissions.md shows it, and tests try every cell of it over HTTP."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is: a member of a tenant (`Membership.Role`), or somebody of the platform."""

    OWNER = "owner"
    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"
    STAFF = "staff"
    SUPERUSER = "superuser"


class Action(StrEnum):
    """What can be done.  A member's role counts in their tenant only; that of staff in every tenant."""

    TENANT_VIEW = "tenant.view"
    TENANT_CHANGE = "tenant.change"
    TENANT_SUSPEND = "tenant.suspend"
    TENANT_CREATE = "tenant.create"
    PLAN_VIEW = "plan.view"
    PLAN_CHANGE = "plan.change"
    AUDIT_VIEW = "audit.view"
    AUDIT_EXPORT = "audit.export"
    DOMAINS_VIEW = "domains.view"
    DOMAINS_CHANGE = "domains.change"
    SIGN_IN_VIEW = "sign_in.view"
    SIGN_IN_CHANGE = "sign_in.change"
    MEMBERS_VIEW = "members.view"
    MEMBERS_CHANGE = "members.change"
    MEMBERS_IMPERSONATE = "members.impersonate"
    TENANT_TRANSFER = "tenant.transfer"
    END_USERS_VIEW = "end_users.view"
    END_USERS_SUSPEND = "end_users.suspend"
    END_USERS_DELETE = "end_users.delete"
    TOOLS_VIEW = "tools.view"
    TOOLS_CHANGE = "tools.change"
    KNOWLEDGE_VIEW = "knowledge.view"
    KNOWLEDGE_CHANGE = "knowledge.change"
    EMBEDS_VIEW = "embeds.view"
    EMBEDS_CHANGE = "embeds.change"
    ASSISTANTS_VIEW = "assistants.view"
    ASSISTANTS_CHANGE = "assistants.change"
    CONVERSATIONS_VIEW = "conversations.view"
    CONVERSATIONS_REVIEW = "conversations.review"
    CONVERSATIONS_STATE = "conversations.state"
    CONVERSATIONS_EXPORT = "conversations.export"
    CONVERSATIONS_DELETE = "conversations.delete"
    RUNS_DEBUG = "runs.debug"
    KEYS_VIEW = "keys.view"
    KEYS_CHANGE = "keys.change"
    USAGE_VIEW = "usage.view"
    PLATFORM_AUDIT_VIEW = "platform_audit.view"
    USERS_VIEW = "users.view"
    USERS_CHANGE = "users.change"


_EVERYBODY = frozenset(Role)
_PLATFORM = frozenset({Role.STAFF, Role.SUPERUSER})
_ADMINS = frozenset({Role.OWNER, Role.ADMIN}) | _PLATFORM

PERMISSIONS: dict[Action, frozenset[Role]] = {
    Action.TENANT_VIEW: _EVERYBODY,
    Action.TENANT_CHANGE: _ADMINS,
    Action.TENANT_SUSPEND: _PLATFORM,
    Action.TENANT_CREATE: _PLATFORM,
    Action.PLAN_VIEW: _ADMINS,
    Action.PLAN_CHANGE: _PLATFORM,
    Action.AUDIT_VIEW: _ADMINS,
    Action.AUDIT_EXPORT: _ADMINS,
    Action.DOMAINS_VIEW: _EVERYBODY,
    Action.DOMAINS_CHANGE: _ADMINS,
    Action.SIGN_IN_VIEW: _ADMINS,
    # Whoever says which provider is asked can be anybody in the tenant, the owner included.
    Action.SIGN_IN_CHANGE: frozenset({Role.OWNER}) | _PLATFORM,
    Action.MEMBERS_VIEW: _EVERYBODY,
    Action.MEMBERS_CHANGE: _ADMINS,
    Action.MEMBERS_IMPERSONATE: _PLATFORM,
    Action.TENANT_TRANSFER: frozenset({Role.OWNER}) | _PLATFORM,
    Action.END_USERS_VIEW: _EVERYBODY,
    Action.END_USERS_SUSPEND: _EVERYBODY - {Role.VIEWER},
    Action.END_USERS_DELETE: _ADMINS,
    Action.TOOLS_VIEW: _EVERYBODY,
    Action.TOOLS_CHANGE: _ADMINS,
    Action.KNOWLEDGE_VIEW: _EVERYBODY,
    Action.KNOWLEDGE_CHANGE: _ADMINS,
    Action.EMBEDS_VIEW: _EVERYBODY,
    Action.EMBEDS_CHANGE: _ADMINS,
    Action.ASSISTANTS_VIEW: _EVERYBODY,
    Action.ASSISTANTS_CHANGE: _ADMINS,
    Action.CONVERSATIONS_VIEW: _EVERYBODY,
    Action.CONVERSATIONS_REVIEW: _EVERYBODY - {Role.VIEWER},
    Action.CONVERSATIONS_STATE: _EVERYBODY - {Role.VIEWER},
    Action.CONVERSATIONS_EXPORT: _ADMINS,
    Action.CONVERSATIONS_DELETE: _ADMINS,
    # What models are sent says more than what users see.
    Action.RUNS_DEBUG: _ADMINS,
    Action.KEYS_VIEW: _ADMINS,
    Action.KEYS_CHANGE: _ADMINS,
    Action.USAGE_VIEW: _EVERYBODY,
    Action.PLATFORM_AUDIT_VIEW: _PLATFORM,
    # Logins belong to the whole platform, staff's own among them.
    Action.USERS_VIEW: _PLATFORM,
    Action.USERS_CHANGE: frozenset({Role.SUPERUSER}),
}


#: From the least to the most.
_RANKS = [Role.VIEWER, Role.OPERATOR, Role.ADMIN, Role.OWNER, Role.STAFF, Role.SUPERUSER]


def reaches(role: Role, other: str) -> bool:
    """Whether somebody in this role may grant the other one, and change or remove those who have it: nobody reaches above."""
    return _RANKS.index(role) >= _RANKS.index(Role(other))


def may(role: Role, action: Action) -> bool:
    """Whether somebody in this role may do it."""
    return role in PERMISSIONS[action]

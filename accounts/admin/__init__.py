"""The admin pages of people: members too, since whoever leaves a tenant loses their chat sessions."""

from accounts.admin import invitation, membership, user

__all__ = ["invitation", "membership", "user"]

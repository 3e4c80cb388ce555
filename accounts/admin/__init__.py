"""The admin pages of people: members too, since whoever leaves a tenant loses their chat sessions."""

from accounts.admin import block, end_user, invitation, membership, sign_in, user

__all__ = ["block", "end_user", "invitation", "membership", "sign_in", "user"]

"""The admin pages of people: members too, since whoever leaves a tenant loses their chat sessions."""

from accounts.admin import end_user, invitation, membership, sign_in, user

__all__ = ["end_user", "invitation", "membership", "sign_in", "user"]

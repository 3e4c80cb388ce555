"""The admin pages of people."""

from accounts.admin import user

__all__ = ["user"]

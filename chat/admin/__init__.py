"""The admin pages of conversations: one concept in each file."""

from chat.admin import thread

__all__ = ["thread"]

"""The admin pages of conversations, and of what the agents ask: one concept in each file."""

from chat.admin import provider_key, thread

__all__ = ["provider_key", "thread"]

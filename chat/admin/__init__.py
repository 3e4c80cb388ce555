"""The admin pages of conversations, of knowledge, and of what the agents ask: one concept in each file."""

from chat.admin import knowledge, provider_key, thread

__all__ = ["knowledge", "provider_key", "thread"]

"""The admin pages of assistants, conversations, knowledge, and of what the agents ask: one concept in each file."""

from chat.admin import assistant, knowledge, provider_key, quota, thread

__all__ = ["assistant", "knowledge", "provider_key", "quota", "thread"]

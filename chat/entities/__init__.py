"""Entities: what people can mention with "@", one kind in each file.

A kind shows each person what that person may see.  Everything else does not exist: it is not found, not previewed, and a message
that mentions it is refused.
"""

from chat.entities import colleagues, conversations
from chat.entities.kinds import KINDS, Entity, EntityKind, find, get, resolve

__all__ = ["KINDS", "Entity", "EntityKind", "colleagues", "conversations", "find", "get", "resolve"]

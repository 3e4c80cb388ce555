"""The "/" menu of an assistant: the commands of the tools that its version allows."""

from __future__ import annotations

from typing import Any

from chat.agents.config import load_config
from chat.context import ChatContext
from chat.tools import REGISTRY


async def commands_for(query: str, context: ChatContext) -> list[dict[str, Any]]:
    """ChatKit's commands whose words begin as the query does, each with the ``prompt`` that it puts into the composer.

    Raises:
        PlatformError: ``assistant_unavailable``.
    """
    config = await load_config(context.assistant.version_id, context.tenant.id)
    found = []
    for name in config.tools:
        registered = REGISTRY.get(name)
        command = registered.command if registered is not None else None
        if command is not None and _matches(query, f"{name} {command.label} {command.description}"):
            found.append(
                {
                    "id": name,
                    "label": command.label,
                    "description": command.description,
                    "icon": command.icon,
                    "prompt": command.prompt,
                }
            )
    return found


def _matches(query: str, words: str) -> bool:
    known = words.lower().replace("_", " ").split()
    return all(any(word.startswith(wanted) for word in known) for wanted in query.lower().split())

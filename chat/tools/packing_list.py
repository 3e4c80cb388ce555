"""packing_list: what to take along, shown part by part in one widget that grows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Literal

from chatkit.types import ClientEffectEvent, ProgressUpdateEvent
from chatkit.widgets import DynamicWidgetRoot

from chat.tools.base import ToolCall, tool
from chat.tools.registry import Command
from chat.widgets.packing_list import packing_card

_ALWAYS = {"To wear": ["boots", "rain jacket", "hat"], "To carry": ["map", "water", "first aid kit"]}
_WHERE = {
    "mountains": ["warm layer", "gloves", "head lamp"],
    "forest": ["insect repellent", "whistle"],
    "coast": ["sun cream", "windproof jacket", "towel"],
}
MAX_DAYS = 30
#: Between two parts, in seconds, so that readers can follow.
PAUSE = 0.05


def parts_of(place: str, days: int) -> list[str]:
    """The parts of the list as Markdown."""
    plural = "s" if days > 1 else ""
    groups = {
        **_ALWAYS,
        f"For the {place}": _WHERE[place],
        "For the days": [f"{days} pair{plural} of socks", f"food for {days} day{plural}"],
    }
    return [f"**{name}**\n\n" + "\n".join(f"- {thing}" for thing in things) + "\n\n" for name, things in groups.items()]


@tool(
    command=Command(
        "Pack for the mountains", "What to take along", "Make a packing list for the mountains, 3 days.", "suitcase"
    )
)
async def packing_list(call: ToolCall, place: Literal["mountains", "forest", "coast"], days: int) -> str:
    """Show the user a list of what to take along on a hike.

    Args:
        place: Where it goes.
        days: How long it takes.
    """
    parts = parts_of(place, min(max(days, 1), MAX_DAYS))
    await call.context.stream(ProgressUpdateEvent(icon="suitcase", text="Packing"))

    async def cards() -> AsyncGenerator[DynamicWidgetRoot, None]:
        for count in range(len(parts) + 1):
            yield packing_card(f"Packing for the {place}", "".join(parts[:count]), done=count == len(parts))
            await asyncio.sleep(PAUSE)

    await call.context.stream_widget(cards(), copy_text="".join(parts))
    await call.context.stream(ClientEffectEvent(name="packed", data={"place": place}))
    return "The list is shown."

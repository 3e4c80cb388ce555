"""current_time: what the clock says, so that the model does not guess."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chat.tools.base import tool
from chat.tools.registry import Command


@tool(command=Command("Time", "What the clock says", "What time is it?", "calendar"))
def current_time(time_zone: str = "UTC") -> str:
    """The current date and time.

    Args:
        time_zone: IANA name of the zone, for example "Europe/Berlin".
    """
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"There is no time zone called {time_zone!r}."
    return datetime.now(zone).strftime("%A, %d %B %Y, %H:%M (%Z)")

"""widget_gallery: shows every component of widgets, so that a page, a theme or a client can be tried out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from chatkit.widgets import DynamicWidgetRoot

from chat.tools.base import ToolCall, tool
from chat.widgets.gallery import gallery, grown

_WORDS = [
    "This",
    "text",
    "is",
    "sent",
    "word",
    "by",
    "word,",
    "and",
    "only",
    "what",
    "is",
    "new",
    "of",
    "it",
    "travels.",
]
#: Between two words, in seconds, so that it can be seen.
PAUSE = 0.03


@tool()
async def widget_gallery(call: ToolCall) -> str:
    """Show the user an example of every component that widgets can have."""
    *still, last = gallery()
    for widget in still:
        await call.context.stream_widget(widget)

    async def growing() -> AsyncGenerator[DynamicWidgetRoot, None]:
        for count in range(len(_WORDS) + 1):
            yield grown(last, " ".join(_WORDS[:count]), done=count == len(_WORDS))
            await asyncio.sleep(PAUSE)

    await call.context.stream_widget(growing())
    return "The gallery is shown."

"""Events as server-sent events: one ``data:`` line of JSON each, as ChatKit sends them."""

from __future__ import annotations

from typing import Any

import orjson
from chatkit.types import (
    AssistantMessageContentPartTextDelta,
    ErrorEvent,
    ThreadCreatedEvent,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
    ThreadUpdatedEvent,
)

from chat.stores import codec
from chatplatform.lib.errors import PlatformError


def frame(raw: dict[str, Any]) -> bytes:
    """One frame for an event's JSON."""
    return b"data: " + orjson.dumps(raw) + b"\n\n"


def item_frame(kind: str, item: dict[str, Any]) -> bytes:
    """``thread.item.<kind>`` for an item's JSON."""
    return frame({"type": f"thread.item.{kind}", "item": item})


#: What each frame begins with that adds to an item.
ITEM_UPDATED = b'data: {"type":"thread.item.updated",'


def delta_head(item_id: str, content_index: int) -> bytes:
    """A text delta's frame up to its text.  The hot path: the rest is the text as JSON, and `DELTA_END`."""
    return (
        b'data: {"type":"thread.item.updated","item_id":%b,"update":'
        b'{"type":"assistant_message.content_part.text_delta","content_index":%d,"delta":'
        % (orjson.dumps(item_id), content_index)
    )


DELTA_END = b"}}\n\n"


def event_frame(event: ThreadStreamEvent) -> bytes | None:
    """The frame of any event; None when it carries a hidden item, which no browser may see."""
    match event:
        case ThreadItemAddedEvent() | ThreadItemDoneEvent() | ThreadItemReplacedEvent():
            if codec.is_hidden(event.item):
                return None
            return frame({"type": event.type, "item": codec.dump_item(event.item)})
        case ThreadCreatedEvent() | ThreadUpdatedEvent():
            return frame({"type": event.type, "thread": codec.dump_thread(event.thread)})
        case ThreadItemUpdatedEvent(update=AssistantMessageContentPartTextDelta() as update):
            return delta_head(event.item_id, update.content_index) + orjson.dumps(update.delta) + DELTA_END
        case _:
            return frame(codec.dump(event))


def error_frame(error: PlatformError, *, allow_retry: bool | None = None) -> bytes:
    """ChatKit's error event with our message; the code travels along for clients that know it."""
    may_retry = error.spec.may_pass if allow_retry is None else allow_retry
    event = ErrorEvent(code="custom", message=error.spec.message, allow_retry=may_retry)
    return frame(codec.dump(event) | {"platform_code": error.code})

"""What a model draws -> ChatKit's items of generated images.

Their bytes travel as ``data:`` addresses from here to `chat.runs.images`, which takes them out.
"""

from __future__ import annotations

from typing import Any

from chatkit.agents import AgentContext
from chatkit.types import (
    GeneratedImage,
    GeneratedImageItem,
    GeneratedImageUpdated,
    ThreadItemAddedEvent,
    ThreadItemDoneEvent,
    ThreadItemRemovedEvent,
    ThreadItemUpdatedEvent,
    ThreadStreamEvent,
)

from chat.agents.providers.images import MOST_IMAGES, PARTIAL_IMAGES
from chat.context import ChatContext
from chat.stores.base import now


class Drawings:
    """The images of one run: as many as are asked for at most."""

    def __init__(self, context: AgentContext[ChatContext]) -> None:
        self._context = context
        #: Of the provider's ids, also of those that are done.
        self._seen: set[str] = set()
        #: By the provider's ids.
        self._items: dict[str, GeneratedImageItem] = {}

    def take(self, data: Any) -> list[ThreadStreamEvent]:
        """The events for one of the model's raw events; none for those about other things."""
        if data.type == "response.image_generation_call.partial_image":
            if not self._takes(data.item_id):
                return []
            item, begun = self._item(data.item_id)
            url = _address(data.partial_image_b64, data.output_format)
            # The finished image is a step, too: after the last of these something is still to come.
            progress = min(1.0, (data.partial_image_index + 1) / (PARTIAL_IMAGES + 1))
            update = GeneratedImageUpdated(image=GeneratedImage(id=item.id, url=url), progress=progress)
            return [*begun, ThreadItemUpdatedEvent(item_id=item.id, update=update)]
        if getattr(getattr(data, "item", None), "type", "") != "image_generation_call" or not self._takes(data.item.id):
            return []
        item, begun = self._item(data.item.id)
        if data.type != "response.output_item.done":
            return begun
        del self._items[data.item.id]
        if not data.item.result:  # The provider refused it, or failed.
            return [*begun, ThreadItemRemovedEvent(item_id=item.id)]
        image = GeneratedImage(id=item.id, url=_address(data.item.result, data.item.output_format))
        return [*begun, ThreadItemDoneEvent(item=item.model_copy(update={"image": image}))]

    def _takes(self, call_id: str) -> bool:
        if call_id not in self._seen and len(self._seen) >= MOST_IMAGES:
            return False
        self._seen.add(call_id)
        return True

    def _item(self, call_id: str) -> tuple[GeneratedImageItem, list[ThreadStreamEvent]]:
        """The item of a call, and what begins it where that was not done."""
        if (item := self._items.get(call_id)) is not None:
            return item, []
        item = self._items[call_id] = GeneratedImageItem(
            id=self._context.generate_id("message"), thread_id=self._context.thread.id, created_at=now(), image=None
        )
        return item, [ThreadItemAddedEvent(item=item)]


def _address(encoded: str, kind: str | None) -> str:
    return f"data:image/{kind or 'png'};base64,{encoded}"

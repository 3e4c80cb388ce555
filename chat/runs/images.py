"""Generated images leave the items: agents emit them as ``data:`` addresses, which no row and no page should carry."""

from __future__ import annotations

import logging
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import GeneratedImage, GeneratedImageItem, ThreadItemDoneEvent, ThreadItemReplacedEvent

from chat.context import ChatContext
from chat.stores.attachments import adopt_image
from chatplatform.lib.errors import PlatformError

logger = logging.getLogger(__name__)


def is_inside(image: GeneratedImage | None) -> bool:
    """Whether an image is in its own address."""
    return image is not None and image.url.startswith("data:")


async def adopted(event: Any, context: ChatContext) -> Any:
    """The same event with an attachment's link in the place of a finished image; without one when it is no image."""
    if not isinstance(event, ThreadItemDoneEvent | ThreadItemReplacedEvent) or not isinstance(
        event.item, GeneratedImageItem
    ):
        return event
    item = event.item
    if item.image is None or not is_inside(item.image):
        return event
    try:
        attachment_id, url = await adopt_image(item.image.url, item.thread_id, context)
        image = GeneratedImage(id=attachment_id, url=url)
    except (NotFoundError, PlatformError) as problem:
        logger.warning("a generated image was left out: %s", type(problem).__name__)
        image = None
    return event.model_copy(update={"item": item.model_copy(update={"image": image})})

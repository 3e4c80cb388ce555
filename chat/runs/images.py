"""Generated images leave the items: agents emit them as ``data:`` addresses, which no row and no page should carry."""

from __future__ import annotations

import logging
from typing import Any

from chatkit.store import NotFoundError
from chatkit.types import (
    GeneratedImage,
    GeneratedImageItem,
    GeneratedImageUpdated,
    ThreadItemDoneEvent,
    ThreadItemReplacedEvent,
    ThreadItemUpdatedEvent,
)

from chat.context import ChatContext
from chat.stores.attachments import adopt_image, small_copy
from chatplatform.lib.errors import PlatformError

logger = logging.getLogger(__name__)


def is_inside(image: GeneratedImage | None) -> bool:
    """Whether an image is in its own address."""
    return image is not None and image.url.startswith("data:")


async def adopted(event: Any, context: ChatContext) -> Any:
    """The same event with an attachment's link in the place of a finished image, and a small copy in that of one that is not.

    What claims to be an image and is none, or finds no room: the item has none then, and of an unfinished one there is nothing
    to say (None).

    Raises:
        PlatformError: ``unavailable``; a finished image is worth another attempt.
    """
    if isinstance(event, ThreadItemUpdatedEvent):
        return await _made_small(event, context)
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
        code = problem.code if isinstance(problem, PlatformError) else "not_found"
        if code == "unavailable":
            raise
        logger.warning("a generated image was left out: %s", code)
        image = None
    return event.model_copy(update={"item": item.model_copy(update={"image": image})})


async def _made_small(event: ThreadItemUpdatedEvent, context: ChatContext) -> ThreadItemUpdatedEvent | None:
    update = event.update
    if not isinstance(update, GeneratedImageUpdated) or not is_inside(update.image):
        return event
    try:
        url = await small_copy(update.image.url, context)
    except PlatformError as problem:
        logger.warning("an unfinished image was left out: %s", problem.code)
        return None
    image = GeneratedImage(id=update.image.id, url=url)
    return event.model_copy(update={"update": update.model_copy(update={"image": image})})

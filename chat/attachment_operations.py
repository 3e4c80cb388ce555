"""What ChatKit's requests do to attachments, over the platform's attachment store or one of the server's own."""

from __future__ import annotations

import logging

from chatkit.store import AttachmentStore
from chatkit.types import Attachment, AttachmentCreateParams

from chat.context import ChatContext
from chat.stores.attachments import PlatformAttachmentStore, remove_files
from chat.stores.base import PlatformStore
from chatplatform.lib.errors import PlatformError

logger = logging.getLogger(__name__)


async def announce(
    files: AttachmentStore[ChatContext], store: PlatformStore, announced: AttachmentCreateParams, context: ChatContext
) -> Attachment:
    """Announce a file that the assistant's rules allow.

    Raises:
        PlatformError: as `PlatformAttachmentStore.create_attachment`; ``not_supported`` where the store takes none in this way.
    """
    try:
        attachment = await files.create_attachment(announced, context)
    except NotImplementedError:
        raise PlatformError("not_supported") from None
    if not isinstance(files, PlatformAttachmentStore):
        await store.save_attachment(attachment, context)
    return attachment


async def delete(
    files: AttachmentStore[ChatContext], store: PlatformStore, attachment_id: str, context: ChatContext
) -> None:
    """Delete an attachment that was not sent yet.  An attachment store of the server's own need not check whose it is.

    Raises:
        NotFoundError: unknown or foreign.
        PlatformError: ``attachment_in_use``.
    """
    if not isinstance(files, PlatformAttachmentStore):
        known = await store.load_attachment(attachment_id, context)
        if known.thread_id is not None:
            raise PlatformError("attachment_in_use")
        await files.delete_attachment(attachment_id, context)
        await store.delete_attachment(attachment_id, context)
    else:
        await files.delete_attachment(attachment_id, context)


async def forget(files: AttachmentStore[ChatContext], attachment_ids: list[str], context: ChatContext) -> None:
    """Delete the bytes of attachments whose rows went with their thread."""
    if isinstance(files, PlatformAttachmentStore):
        await remove_files(attachment_ids, context)
        return
    for attachment_id in attachment_ids:
        try:
            await files.delete_attachment(attachment_id, context)
        except Exception as problem:  # noqa: BLE001 - the thread is gone, and the other files can go
            logger.warning("an attachment store did not delete a file: %s", type(problem).__name__)

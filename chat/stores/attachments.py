"""PlatformAttachmentStore: ChatKit's `AttachmentStore` over rows and Django's storage, and what else happens to an attachment.

Its life: announced (``pending``), uploaded and looked into (``stored``), named by one message of one thread, gone with the thread.
"""

from __future__ import annotations

import base64
import hashlib
from typing import IO, Any

import orjson
from chatkit.store import AttachmentStore, NotFoundError
from chatkit.types import (
    Attachment,
    AttachmentCreateParams,
    AttachmentUploadDescriptor,
    FileAttachment,
    ImageAttachment,
)
from pydantic import AnyUrl

from chat.attachment_rules import AttachmentRules
from chat.context import ChatContext
from chat.stores import attachment_queries as queries
from chat.stores import codec, files
from chat.stores.attachment_links import Links, Reader
from chat.stores.attachment_queries import StoredFile
from chat.stores.base import PlatformStore, storable
from chat.stores.inspections import in_inspection
from chatplatform.lib.db_pool import in_database, in_tenant
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.inspection import Inspection, inspect
from chatplatform.lib.files.kinds import INLINE
from chatplatform.lib.files.storage_errors import STORAGE_CODES, storage_errors, temporary_file
from chatplatform.lib.ids import is_public_id, new_id

#: Characters of a generated image as text: 24 MB of bytes.
MOST_ENCODED = 32_000_000


class PlatformAttachmentStore(AttachmentStore[ChatContext]):
    """Announces and deletes.  Sizes, types and names were checked by the assistant's rules before."""

    def generate_attachment_id(self, mime_type: str, context: ChatContext) -> str:
        return new_id("attachment")

    async def create_attachment(self, input: AttachmentCreateParams, context: ChatContext) -> Attachment:  # noqa: A002 - the SDK's name
        """Announce a file: two-phase upload.  The row is stored here; the link takes the content once.

        Raises:
            PlatformError: ``storage_full``, ``too_many_uploads``.
        """
        attachment_id = storable("attachment", self.generate_attachment_id(input.mime_type, context))
        attachment = _attachment(attachment_id, input.name, input.mime_type, Reader.of(context))
        attachment.upload_descriptor = AttachmentUploadDescriptor(
            url=AnyUrl(Reader.of(context).link(attachment.id, "upload")),
            method="PUT",
            headers={"Content-Type": input.mime_type},
        )
        await in_tenant(context.tenant.id, queries.create, attachment, input.size, context)
        return attachment

    async def delete_attachment(self, attachment_id: str, context: ChatContext) -> None:
        """Delete an attachment that was not sent yet, and its bytes.

        Raises:
            NotFoundError
            PlatformError: ``attachment_in_use``.
        """
        if not await in_tenant(context.tenant.id, queries.remove_unsent, attachment_id, context):
            raise PlatformError("attachment_in_use")
        await files.in_files(files.remove, context.tenant.id, attachment_id)


async def receive(file: StoredFile, content: IO[bytes]) -> Attachment:
    """Check, look into and store the content of an announced attachment.

    Raises:
        PlatformError: ``already_uploaded``, ``attachment_refused``, ``storage_full``, ``file_mismatch`` (the size too),
            ``file_unreadable``, ``file_storage_full``, ``file_storage_unavailable``: it may be uploaded again then.
        NotFoundError: it was deleted meanwhile.
    """
    if content.seek(0, 2) != file.size:
        raise PlatformError("file_mismatch", hint="It has another size than announced.")
    if not await in_tenant(file.tenant_id, queries.claim, file):
        is_refused = (await in_database(queries.find, file.id)).is_refused
        raise PlatformError("attachment_refused" if is_refused else "already_uploaded")
    failures = 1  # Whoever breaks off an inspection has had the work done, too.
    try:
        found = await in_inspection(file.tenant_id, inspect, content, file.attachment.mime_type)
        failures = 0  # What fails from here on is not the file's fault.
        sha256 = await files.in_files(_keep, file, content, found)
        return await in_tenant(file.tenant_id, queries.finish, file, sha256, found.text)
    except BaseException as problem:
        if isinstance(problem, PlatformError) and problem.code in STORAGE_CODES:
            failures = 0  # A full disk breaks an inspection, too.
        await in_tenant(file.tenant_id, queries.give_up, file, failures)
        raise


def _keep(file: StoredFile, content: IO[bytes], found: Inspection) -> str:
    """Write the file and its preview, or nothing of them; the digest.

    Raises:
        PlatformError: as `files.save`.
    """
    with storage_errors():
        content.seek(0)
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
        content.seek(0)
    path = files.path_of(file.tenant_id, file.id)
    files.save(path, content)
    if found.preview:
        try:
            files.save(path + files.PREVIEW, found.preview)
        except BaseException:
            files.delete(path)
            raise
    return sha256


async def files_of_message(
    attachment_ids: list[str], rules: AttachmentRules, store: PlatformStore, context: ChatContext
) -> list[Attachment]:
    """The files that a message names: the caller's own, with their content, and no more than the assistant takes.

    Raises:
        NotFoundError: one of them is unknown or foreign.
        PlatformError: ``attachments_off``, ``too_large``, ``attachment_not_ready``.
    """
    wanted = list(dict.fromkeys(attachment_ids))
    found = await store.load_attachments(wanted, context)
    if not rules.is_enabled:
        raise PlatformError("attachments_off")
    if len(wanted) > rules.max_count:
        raise PlatformError("too_large", hint=f"A message may have at most {rules.max_count} attachments.")
    if any(is_our_link(attachment.upload_descriptor and attachment.upload_descriptor.url) for attachment in found):
        raise PlatformError("attachment_not_ready")
    # Another attachment store does not say here when the content has come; its upload ends with the message.
    return [
        _with_fresh_links(attachment.model_copy(update={"upload_descriptor": None}), context) for attachment in found
    ]


async def remove_files(attachment_ids: list[str], context: ChatContext) -> None:
    """Delete the bytes of attachments whose rows went with their thread."""
    for attachment_id in attachment_ids:
        await files.in_files(files.remove, context.tenant.id, attachment_id)


async def adopt_image(data_url: str, thread_id: str, context: ChatContext) -> tuple[str, str]:
    """Make a stored attachment of a generated image; its id, and a link to it.

    ``data_url`` is ``data:image/png;base64,…``, as agents emit generated images.

    Raises:
        PlatformError: ``file_mismatch``, ``file_unreadable``: it holds no image; ``storage_full``; as `files.save`.
        NotFoundError: the thread was deleted meanwhile.
    """
    mime, content = _image_in(data_url)
    attachment = _attachment(
        new_id("attachment"), f"image.{mime.removeprefix('image/')}", mime, Reader.of(context)
    ).model_copy(update={"thread_id": thread_id})
    file = StoredFile.of(attachment, len(content), context)
    with temporary_file() as temporary:
        found = await _looked_into(content, mime, temporary, context)
        sha256 = await files.in_files(_keep, file, temporary, found)
    try:
        await in_tenant(context.tenant.id, queries.create_stored, attachment, file.size, sha256, context)
    except (NotFoundError, PlatformError):
        await files.in_files(files.remove, context.tenant.id, attachment.id)
        raise
    return attachment.id, Reader.of(context).link(attachment.id, "read")


async def small_copy(data_url: str, context: ChatContext) -> str:
    """A generated image as a JPEG of the size of a preview, in its own address again.

    Raises:
        PlatformError: as `adopt_image`.
    """
    mime, content = _image_in(data_url)
    with temporary_file() as temporary:
        found = await _looked_into(content, mime, temporary, context)
    return f"data:image/jpeg;base64,{base64.b64encode(found.preview).decode()}"


def _image_in(data_url: str) -> tuple[str, bytes]:
    """The type and the bytes of an image in its own address."""
    head, _, encoded = data_url.partition(",")
    mime = head.removeprefix("data:").split(";")[0].lower()
    if mime not in INLINE or len(encoded) > MOST_ENCODED:
        raise PlatformError("file_mismatch")
    try:
        return mime, base64.b64decode(encoded, validate=True)
    except ValueError:
        raise PlatformError("file_unreadable") from None


async def _looked_into(content: bytes, mime: str, temporary: IO[bytes], context: ChatContext) -> Inspection:
    await files.in_files(temporary.write, content)
    return await in_inspection(context.tenant.id, inspect, temporary, mime)


def _attachment(attachment_id: str, name: str, mime: str, links: Links) -> Attachment:
    values: dict[str, Any] = {"id": attachment_id, "name": name, "mime_type": mime}
    if mime in INLINE:
        return ImageAttachment(**values, preview_url=AnyUrl(links.link(attachment_id, "preview")))
    return FileAttachment(**values)


def wire(attachment: Attachment, links: Links) -> dict[str, Any]:
    """An attachment's JSON for a browser, with links that work from now on."""
    return _fresh(codec.dump(attachment), links)


def _with_fresh_links(attachment: Attachment, context: ChatContext) -> Attachment:
    """The same attachment with links that work from now on."""
    if isinstance(attachment, ImageAttachment) and is_our_link(attachment.preview_url):
        return attachment.model_copy(update={"preview_url": AnyUrl(Reader.of(context).link(attachment.id, "preview"))})
    return attachment


def refreshed(raw: str, links: Links) -> str:
    """An item's JSON text for a browser: what it links to of ours gets links that work from now on.

    Costs a search in the text for items without attachments.
    """
    if '"preview_url"' not in raw and '"generated_image"' not in raw:
        return raw
    item = orjson.loads(raw)
    if item.get("type") == "user_message":
        item["attachments"] = [_fresh(attachment, links) for attachment in item.get("attachments") or []]
    elif item.get("type") == "generated_image" and is_ours((item.get("image") or {}).get("id")):
        item["image"]["url"] = links.link(item["image"]["id"], "read")
    else:
        return raw
    return codec.to_text(item)


def is_our_link(url: Any) -> bool:
    """Whether an attachment's address leads here, and not to an attachment store of the server's own."""
    return "/api/chatkit/attachments/" in str(url)


def is_ours(image_id: Any) -> bool:
    """Whether a generated image was adopted as an attachment."""
    return isinstance(image_id, str) and image_id.startswith("atc_") and is_public_id(image_id)


def _fresh(attachment: dict[str, Any], links: Links) -> dict[str, Any]:
    if attachment.get("type") == "image" and is_our_link(attachment.get("preview_url")):
        attachment = attachment | {"preview_url": links.link(attachment["id"], "preview")}
    return attachment

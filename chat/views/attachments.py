"""Files on their way in and out.

`POST /api/chatkit/attachments` takes a file in one step (direct upload), `PUT /api/chatkit/attachments/<id>/content` takes the
content of an announced one (two-phase), `GET` there gives it back.  These two open by a signed link, or by the owner's session.
"""

from __future__ import annotations

import uuid
from typing import IO, Any, cast
from urllib.parse import quote, urlsplit

import orjson
from chatkit.store import NotFoundError
from chatkit.types import AttachmentCreateParams
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from accounts.session_policy import Opened, ended
from accounts.speaker import VerifiedSession
from chat.context import ChatContext
from chat.server import server
from chat.stores import attachment_queries as queries
from chat.stores import attachments, files
from chat.stores.attachment_links import Link, Reader, Use
from chat.stores.attachment_queries import StoredFile
from chat.views.gate import identify, slug_of_host, spend
from chat.views.http import Request
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.kinds import INLINE
from chatplatform.lib.files.storage_errors import discard_uploads, temporary_file
from chatplatform.lib.ids import is_storable_id
from tenants import rate_limits

#: What a multipart body may have besides its file.
ENVELOPE_BYTES = 64 * 1024


async def attachment_create(request: Request) -> None:
    """Direct upload: a multipart body with the field ``file``; answers 201 with the attachment."""
    session = await identify(request)
    context = ChatContext(session=session, request_id=request.request_id, origin=request.own_origin)
    await spend(request, session, "uploads")
    rules, attachment_store = await server().attachment_rules(context), server().attachment_store
    if not isinstance(attachment_store, attachments.PlatformAttachmentStore):
        raise PlatformError("not_supported")  # Its files are uploaded where it says.
    with temporary_file() as body:
        await _receive(request, body, settings.CHAT_MAX_ATTACHMENT_BYTES + ENVELOPE_BYTES)
        await _check_session(session.chain, session.assistant.id)  # It may have ended while the content came in.
        with await files.in_files(_file_of, request.headers.get("content-type", ""), body) as upload:
            name, mime = rules.check(upload.name or "", upload.size or 0, upload.content_type or "")
            announced = AttachmentCreateParams(name=name, size=upload.size or 0, mime_type=mime)
            made = await attachment_store.create_attachment(announced, context)
            try:
                stored = await attachments.receive(
                    await in_database(queries.find, made.id), cast("IO[bytes]", upload.file)
                )
            except PlatformError:
                await attachment_store.delete_attachment(made.id, context)
                raise
    await request.answer(201, orjson.dumps(attachments.wire(stored, Reader.of(context))))


async def content_put(request: Request, attachment_id: str) -> None:
    """Two-phase upload: the body is the file."""
    file, chain = await _opened(request, attachment_id, ("upload",))
    await rate_limits.spend("uploads", tenant=file.tenant_id, end_user=file.end_user_id, address=request.client_network)
    if file.is_stored:
        raise PlatformError("already_uploaded")
    if file.is_refused:
        raise PlatformError("attachment_refused")
    with temporary_file() as content:
        await _receive(request, content, file.size)
        await _check_session(chain, file.assistant_id)  # It may have ended while the content came in.
        stored = await attachments.receive(file, content)
    reader = Reader(file.tenant_id, file.end_user_id, chain, request.own_origin)
    await request.answer(200, orjson.dumps(attachments.wire(stored, reader)), _cors(request))


async def content_get(request: Request, attachment_id: str) -> None:
    """The file; ``?use=preview`` is the small copy of an image.

    Nothing of it can run on our origin: it comes as a download, unless it is an image without scripts, and in a sandbox.
    """
    file, _chain = await _opened(request, attachment_id, ("read", "preview"))
    if not file.is_stored:
        raise NotFoundError
    is_preview = request.query.get("use") == "preview"
    mime = "image/jpeg" if is_preview else file.attachment.mime_type
    size, pieces = await files.pieces(files.path_of(file.tenant_id, file.id) + (files.PREVIEW if is_preview else ""))
    place = "inline" if mime in INLINE else "attachment"
    headers = {
        "content-type": mime if mime in INLINE else "application/octet-stream",
        "content-length": str(size),
        "content-disposition": f"{place}; filename*=UTF-8''{quote(file.attachment.name, safe='')}",
        "content-security-policy": "default-src 'none'; sandbox",
        "cache-control": "private, max-age=300",
        "referrer-policy": "no-referrer",
    }
    if "signature" in request.query:
        # The link is the permission: the frame of OpenAI's client, on another site, shows images by it.
        headers["cross-origin-resource-policy"] = "cross-origin"
    await request.start(200, headers)
    await request.send_pieces(pieces)


async def content_options(request: Request, _attachment_id: str) -> None:
    """The question of a browser whether OpenAI's frame may upload here; only signed links answer it."""
    await request.answer(
        204, b"", {**_cors(request), "access-control-allow-methods": "PUT", "access-control-max-age": "600"}
    )


async def _opened(request: Request, attachment_id: str, uses: tuple[Use, ...]) -> tuple[StoredFile, uuid.UUID]:
    """The attachment, if the link or the session of the request opens it, and the chain of the session.

    Raises:
        PlatformError: ``link_expired``, or what `identify` says.
        NotFoundError: unknown, foreign, no link of ours, or the session that it was made for has ended.
    """
    link = Link.from_query(attachment_id, request.query)
    if link is None:
        session = await identify(request)
        file = await _find(attachment_id)
        if not _is_owner(session, file):
            raise NotFoundError
        return file, session.chain
    file = await _find(attachment_id)
    host_slug = await slug_of_host(request)
    if (
        link.use not in uses
        or host_slug not in (None, file.tenant_slug)
        or not link.opens(file.tenant_id, file.end_user_id)
    ):
        raise NotFoundError
    await _check_session(link.chain, file.assistant_id)
    return file, link.chain


async def _check_session(chain: uuid.UUID, assistant_id: int) -> None:
    """Raises: NotFoundError: the session does not count any more."""
    if await in_database(ended, [Opened(chain, assistant_id)]):
        raise NotFoundError


async def _find(attachment_id: str) -> StoredFile:
    if not is_storable_id(attachment_id):
        raise NotFoundError
    return await in_database(queries.find, attachment_id)


def _is_owner(session: VerifiedSession, file: StoredFile) -> bool:
    caller = (session.tenant.id, session.end_user.id, session.assistant.id)
    return caller == (file.tenant_id, file.end_user_id, file.assistant_id)


async def _receive(request: Request, target: IO[bytes], limit: int) -> None:
    """Write the body down as it comes in; a piece is small, so that it waits for no disk.

    Raises:
        OSError: the disk is full.  The rest of the body is read before: a client that is still sending does not see an answer.
    """
    failure: OSError | None = None
    async for piece in request.pieces(limit):
        if failure is None:
            try:
                target.write(piece)
            except OSError as error:
                failure = error
    if failure is not None:
        raise failure
    target.flush()


def _file_of(content_type: str, body: IO[bytes]) -> UploadedFile[Any]:
    """The field ``file`` of a multipart body.

    Raises:
        PlatformError: ``invalid_request``.
    """
    size = body.tell()
    body.seek(0)
    meta: dict[str, Any] = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": size}
    handler = TemporaryFileUploadHandler()
    try:
        _fields, found = MultiPartParser(meta, body, [handler]).parse()  # type: ignore[arg-type]
    except OSError:
        discard_uploads([handler])
        raise
    except (MultiPartParserError, SuspiciousOperation):
        raise PlatformError("invalid_request", hint="Send multipart/form-data with the field 'file'.") from None
    if "file" not in found:
        raise PlatformError("invalid_request", hint="Send the file in the field 'file'.")
    return cast("UploadedFile[Any]", found["file"])


def _cors(request: Request) -> dict[str, str]:
    """What lets OpenAI's frame upload by a signed link; no cookie takes part, so that nothing else opens."""
    if settings.CHATKIT_CLIENT == "open" or not settings.CHATKIT_JS_URL or "signature" not in request.query:
        return {}
    parts = urlsplit(settings.CHATKIT_JS_URL)
    return {
        "access-control-allow-origin": f"{parts.scheme}://{parts.netloc}",
        "access-control-allow-headers": "content-type",
    }

"""The bytes of attachments, in Django's storage ``attachments``: the one door from the event loop to it.

A file is named by its tenant's key and its attachment's public id, which is random and ours; what the sender called it is never
part of a path.  Calls run in a few threads of their own, none of which has a database connection.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from typing import IO, Any, ParamSpec, TypeVar

from chatkit.store import NotFoundError
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.storage_errors import storage_errors
from chatplatform.lib.ids import is_public_id

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
#: Files that are read or written at the same time, in one process.
_THREADS = 4
_PIECE = 64 * 1024
PREVIEW = ".preview"
#: Stands for a dot of an id in a file's name; no id has it.
_DOT = ","


@functools.cache
def _executor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="files")


async def in_files(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that blocks on files."""
    return await asyncio.get_running_loop().run_in_executor(_executor(), functools.partial(function, *args, **kwargs))


def storage() -> Storage:
    return storages["attachments"]


def path_of(tenant_id: int, attachment_id: str) -> str:
    """Where the content is; the preview is beside it, with `PREVIEW` behind the name."""
    is_ours = is_public_id(attachment_id) and len(attachment_id) > 6
    shard = attachment_id[4:6] if is_ours else sha256(attachment_id.encode()).hexdigest()[:2]
    return f"{tenant_id}/{shard}/{attachment_id.replace('.', _DOT)}"


def id_in(name: str) -> str:
    """The id that a stored file's name begins with; behind its first dot stands a hash, or what the file is."""
    return name.partition(".")[0].replace(_DOT, ".")


def save(path: str, content: IO[bytes] | bytes) -> None:
    """Store under exactly this name; what was there before (an upload that broke off) goes.

    Raises:
        PlatformError: ``file_storage_full``, ``file_storage_unavailable``; nothing of the file is left then.
    """
    with storage_errors():
        if storage().exists(path):
            storage().delete(path)
        try:
            storage().save(path, ContentFile(content) if isinstance(content, bytes) else File(content))
        except BaseException:
            with suppress(Exception):
                storage().delete(path)
            raise


def delete(path: str) -> None:
    """Delete a file that no row names any more.

    A storage that fails now keeps it; `cleanup_attachments` finds it later.  The row is gone, so the caller has done its work.
    """
    try:
        with storage_errors():
            storage().delete(path)
    except PlatformError as problem:
        logger.warning("a stored file stays until cleanup_attachments runs: %s", problem.code)


def remove(tenant_id: int, attachment_id: str) -> None:
    """Delete content and preview, as far as they are there; as `delete`."""
    for path in (path_of(tenant_id, attachment_id), path_of(tenant_id, attachment_id) + PREVIEW):
        delete(path)


def read(path: str, most: int) -> bytes:
    """Up to ``most`` bytes; empty where there is no such file.

    Raises:
        PlatformError: ``file_storage_unavailable``.
    """
    with storage_errors():
        try:
            with storage().open(path) as file:
                return bytes(file.read(most))
        except FileNotFoundError:
            return b""


async def pieces(path: str) -> tuple[int, AsyncIterator[bytes]]:
    """The size of a file, and its bytes.

    Raises:
        NotFoundError: the row is there, the file is not.
        PlatformError: ``file_storage_unavailable``.
    """
    with storage_errors():
        try:
            file: Any = await in_files(storage().open, path)
            size = await in_files(lambda: int(file.size))
        except FileNotFoundError:
            raise NotFoundError from None
    return size, _pieces(file)


async def _pieces(file: Any) -> AsyncIterator[bytes]:
    try:
        while piece := await in_files(file.read, _PIECE):
            yield piece
    finally:
        await in_files(file.close)

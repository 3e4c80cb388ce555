"""What a disk or a bucket that fails means for a request: an error with a documented code, wherever files are written or read."""

from __future__ import annotations

import errno
import logging
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO

from django.core.files.uploadhandler import FileUploadHandler

from chatplatform.lib.errors import PlatformError

logger = logging.getLogger(__name__)

#: No space, no quota left, and a file that is larger than the process may write.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
#: The packages whose exceptions say that a bucket failed.  They are named and not imported: most installations have no bucket.
_BUCKET_PACKAGES = frozenset({"boto3", "botocore", "s3transfer"})
#: What `storage_errors` raises.
STORAGE_CODES = frozenset({"file_storage_full", "file_storage_unavailable"})
_RETRY_AFTER = {"Retry-After": "30"}


def storage_error(error: BaseException) -> PlatformError | None:
    """The documented error for a failure of file storage; None for any other exception.

    A lost connection and a time limit are `OSError`, too, and say nothing about files.
    """
    if isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError):
        return PlatformError(
            "file_storage_full" if error.errno in _FULL else "file_storage_unavailable", headers=_RETRY_AFTER
        )
    if any(base.__module__.partition(".")[0] in _BUCKET_PACKAGES for base in type(error).__mro__):
        return PlatformError("file_storage_unavailable", headers=_RETRY_AFTER)
    return None


@contextmanager
def storage_errors() -> Iterator[None]:
    """Around code that reads or writes files.

    Raises:
        PlatformError: ``file_storage_full``, ``file_storage_unavailable``.
    """
    try:
        yield
    except Exception as error:
        if (known := storage_error(error)) is None:
            raise
        # The path is in the exception's text, and names a tenant and an attachment: its type and number are enough.
        logger.warning("file storage failed: %s %s", type(error).__name__, getattr(error, "errno", "") or "")
        raise known from error


def discard_uploads(handlers: Iterable[FileUploadHandler]) -> None:
    """Delete the temporary files of uploads that broke off; Django leaves them to the garbage collector."""
    for handler in handlers:
        with suppress(OSError):  # Closing writes what is left in the buffer.
            handler.upload_interrupted()


@contextmanager
def temporary_file() -> Iterator[IO[bytes]]:
    """A file without a name, which is gone at the end.

    Raises:
        PlatformError: as `storage_errors`, for everything in the block.
    """
    with storage_errors():
        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed below
        try:
            yield file
        finally:
            # Closing writes what is left in the buffer, and fails as the write before it did.
            with suppress(OSError):
                file.close()

"""The errors of stored files and documents."""

from __future__ import annotations

from chatplatform.lib.problems import ErrorSpec

FILE_ERRORS: dict[str, ErrorSpec] = {
    "file_storage_full": ErrorSpec(
        507,
        "This server has no room for files at the moment.",
        "The disk of ATTACHMENTS_FOLDER or of the folder for temporary files is full, or its quota is used up.",
        "Try again later; nothing of the file was kept.",
    ),
    "file_storage_unavailable": ErrorSpec(
        503,
        "Files cannot be stored or read at the moment.",
        "The folder or the bucket of attachments cannot be reached, or the server may not write there; see manage.py doctor.",
        "Try again in a few minutes.",
    ),
    "worker_lost": ErrorSpec(
        503,
        "The reading of this document broke off several times.",
        "The worker was killed each time while it read the document: it needed more memory than there is, or was restarted.",
        "Read it again, or split it into smaller documents.",
    ),
    "document_gone": ErrorSpec(
        410,
        "The content of this document is not stored any more.",
        "Its bytes were removed, or the storage is another one than before.",
        "Upload it again.",
    ),
}

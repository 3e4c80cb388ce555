"""The kinds of files whose content can be checked and read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Family = Literal["image", "pdf", "docx", "pptx", "xlsx", "html", "csv", "markdown", "text"]
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = f"{_OFFICE}wordprocessingml.document"
PPTX = f"{_OFFICE}presentationml.presentation"
XLSX = f"{_OFFICE}spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Kind:
    """A media type, its usual file endings, and how it is read."""

    mime: str
    endings: tuple[str, ...]
    family: Family


KINDS: dict[str, Kind] = {
    kind.mime: kind
    for kind in (
        Kind("image/png", (".png",), "image"),
        Kind("image/jpeg", (".jpg", ".jpeg"), "image"),
        Kind("image/gif", (".gif",), "image"),
        Kind("image/webp", (".webp",), "image"),
        Kind("application/pdf", (".pdf",), "pdf"),
        Kind(DOCX, (".docx",), "docx"),
        Kind(PPTX, (".pptx",), "pptx"),
        Kind(XLSX, (".xlsx",), "xlsx"),
        Kind("text/html", (".html", ".htm"), "html"),
        Kind("text/plain", (".txt", ".log"), "text"),
        Kind("text/markdown", (".md", ".markdown"), "markdown"),
        Kind("text/csv", (".csv",), "csv"),
        Kind("application/json", (".json",), "text"),
    )
}

#: Images that a browser may show in place: they cannot hold a script.
INLINE = frozenset(kind.mime for kind in KINDS.values() if kind.family == "image")


def plain(mime: str) -> str:
    """A media type without its parameters, in lower case: ``text/csv; charset=utf-8`` is ``text/csv``."""
    return mime.split(";", maxsplit=1)[0].strip().lower()

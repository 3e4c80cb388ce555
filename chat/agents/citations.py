"""A model's citations -> ChatKit's annotations."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from chatkit.types import Annotation, FileSource, URLSource


def annotations_of(part: Any) -> list[Annotation]:
    """The annotations of a part of the model's message."""
    return [found for raw in getattr(part, "annotations", None) or [] if (found := annotation_of(raw)) is not None]


def annotation_of(raw: Any) -> Annotation | None:
    """One citation, as an object or as JSON; None when it leads nowhere.

    A page is cited by an http address only: the model decides what stands there, and the user clicks on it.
    """

    def get(name: str) -> Any:
        return raw.get(name) if isinstance(raw, dict) else getattr(raw, name, None)

    kind, title = get("type"), get("title")
    if kind == "url_citation":
        url = str(get("url") or "")
        host = _host(url)
        return Annotation(source=URLSource(url=url, title=title or host), index=get("end_index")) if host else None
    if kind in ("file_citation", "container_file_citation"):
        name = get("filename")
        index = get("index") if kind == "file_citation" else get("end_index")
        return Annotation(source=FileSource(filename=name, title=name), index=index) if name else None
    return None


def _host(url: str) -> str:
    """The host of an http address; empty for anything else."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in ("http", "https") else ""

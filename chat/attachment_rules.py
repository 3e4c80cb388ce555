"""AttachmentRules: which files an assistant takes.  What the browser is told and what the server holds is the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings

from chat.limits import MAX_ATTACHMENTS
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.files.kinds import KINDS, plain

MAX_NAME_CHARS = 200


@dataclass(frozen=True)
class AttachmentRules:
    """The option ``composer.attachments`` of an assistant's version, with the installation's limits."""

    option: dict[str, Any]

    @property
    def is_enabled(self) -> bool:
        return bool(self.option.get("enabled"))

    @cached_property
    def accept(self) -> dict[str, list[str]]:
        """Media type -> file endings.  Unless the assistant says otherwise: everything that can be read here."""
        return self.option.get("accept") or {mime: list(kind.endings) for mime, kind in KINDS.items()}

    def max_size(self, mime: str) -> int:
        """The most bytes of a file of this type."""
        given = self.option.get("maxSize", settings.CHAT_MAX_ATTACHMENT_BYTES)
        if isinstance(given, dict):
            patterns = (mime, f"{mime.split('/', maxsplit=1)[0]}/*", "*", "")
            given = next((given[name] for name in patterns if name in given), settings.CHAT_MAX_ATTACHMENT_BYTES)
        return min(int(given), settings.CHAT_MAX_ATTACHMENT_BYTES)

    @property
    def max_count(self) -> int:
        """The most files of one message."""
        return min(int(self.option.get("maxCount", MAX_ATTACHMENTS)), MAX_ATTACHMENTS)

    def for_client(self) -> dict[str, Any]:
        """The option as the client gets it."""
        given = self.option.get("maxSize")
        sizes = (
            {name: min(size, settings.CHAT_MAX_ATTACHMENT_BYTES) for name, size in given.items()}
            if isinstance(given, dict)
            else None
        )
        return {
            "enabled": True,
            "accept": self.accept,
            "maxCount": self.max_count,
            "maxSize": {"*": settings.CHAT_MAX_ATTACHMENT_BYTES, **sizes} if sizes is not None else self.max_size("*"),
        }

    def check(self, name: str, size: int, mime: str) -> tuple[str, str]:
        """The safe name and the plain media type of a file that is announced.

        Raises:
            PlatformError: ``attachments_off``, ``file_type_refused``, ``too_large``, ``invalid_request``.
        """
        if not self.is_enabled:
            raise PlatformError("attachments_off")
        kind = plain(mime)
        if not any(pattern in (kind, f"{kind.split('/')[0]}/*") for pattern in self.accept):
            raise PlatformError("file_type_refused")
        if size < 1:
            raise PlatformError("invalid_request", hint="A file needs content.")
        if size > self.max_size(kind):
            raise PlatformError("too_large", hint=f"The file may have at most {self.max_size(kind)} bytes.")
        return safe_name(name), kind


def rules_of(options: dict[str, Any]) -> AttachmentRules:
    """The rules in an assistant's client options, as `chat.client_options.client_options` returns them."""
    composer = options.get("composer")
    return AttachmentRules((composer or {}).get("attachments") or {})


def safe_name(name: str) -> str:
    """A file's name without folders and control characters, and no longer than anybody reads; its ending is kept."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(letter if letter.isprintable() else " " for letter in last).strip(" .") or "file"
    if len(shown) <= MAX_NAME_CHARS:
        return shown
    ending = PurePosixPath(shown).suffix[:20]
    return shown[: MAX_NAME_CHARS - len(ending)] + ending

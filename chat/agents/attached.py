"""What the model is shown of attached files and of images that it made: their text, or the small copy of an image."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from chat.context import ChatContext
from chat.stores import attachment_queries, files
from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.files.kinds import INLINE

#: Characters of one file, and of all files of a conversation; the newest files go first.
FILE_CHARS = 20_000
ALL_CHARS = 60_000
#: Images of a conversation that are shown, newest first.
MOST_IMAGES = 6
_PREVIEW_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as the model sees it.  ``image`` is a data URL; ``is_cut`` says that there is more text."""

    name: str
    mime: str
    text: str = ""
    is_cut: bool = False
    image: str = ""


async def shown_files(raws: list[dict[str, Any]], context: ChatContext, *, reads_images: bool) -> dict[str, Shown]:
    """The files of these items by their ids; one query when there are any, none when there are not."""
    ids = [attachment_id for raw in raws for attachment_id in _named_in(raw)]
    if not ids:
        return {}
    rows = await in_tenant(context.tenant.id, attachment_queries.readable, ids, FILE_CHARS + 1, context)
    found = {file.id: file for file in rows}
    shown: dict[str, Shown] = {}
    characters, images = ALL_CHARS, MOST_IMAGES if reads_images else 0
    for attachment_id in reversed(ids):
        file = found.get(attachment_id)
        if file is None or attachment_id in shown:
            continue
        text = file.text[: min(FILE_CHARS, characters)]
        characters -= len(text)
        image = ""
        if file.mime in INLINE and images > 0:
            images -= 1
            image = await _image(file.tenant_id, file.id)
        shown[attachment_id] = Shown(file.name, file.mime, text, len(file.text) > len(text), image)
    return shown


def _named_in(raw: dict[str, Any]) -> list[str]:
    """The ids of the files of one item."""
    if raw["type"] == "user_message":
        return [attachment["id"] for attachment in raw.get("attachments") or []]
    return [raw["image"]["id"]] if raw["type"] == "generated_image" and raw.get("image") else []


async def _image(tenant_id: int, attachment_id: str) -> str:
    path = files.path_of(tenant_id, attachment_id) + files.PREVIEW
    content = await files.in_files(files.read, path, _PREVIEW_BYTES)
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}" if content else ""

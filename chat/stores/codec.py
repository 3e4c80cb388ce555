"""ChatKit objects <-> the JSON that is stored and sent.

The stored JSON of an item is the JSON of the wire: pages are served from it without building an object, and fields that this
version of the SDK does not know survive.  Times are aware UTC with a ``Z`` in JSON.  The SDK itself computes with naive times (it
subtracts them from `datetime.now()`), so that it is handed naive UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
from chatkit.types import (
    ActiveStatus,
    Attachment,
    HiddenContextItem,
    SDKHiddenContextItem,
    Thread,
    ThreadItem,
    ThreadMetadata,
    UserMessageItem,
    WidgetItem,
)
from chatkit.widgets import DynamicWidgetRoot
from pydantic import BaseModel, TypeAdapter, ValidationError

_ITEM: TypeAdapter[ThreadItem] = TypeAdapter(ThreadItem)
_METADATA: TypeAdapter[Any] = TypeAdapter(Any)
_ATTACHMENT: TypeAdapter[Attachment] = TypeAdapter(Attachment)

#: Characters of a thread's title, and of the reason for its status; what is longer is cut.
MAX_TITLE, MAX_REASON = 200, 500
#: Item types that exist for the model only.
HIDDEN_TYPES = frozenset({"hidden_context_item", "sdk_hidden_context"})


class UnknownItem(SDKHiddenContextItem):
    """Stands in for a stored item that this version cannot read; keeps its JSON, and tells the model nothing."""

    raw: dict[str, Any]
    content: str = ""


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds and ``Z``; a naive time is UTC."""
    if moment.tzinfo is UTC:  # as they come from the database
        return f"{moment.isoformat(timespec='microseconds')[:-6]}Z"
    return f"{naive_utc(moment).isoformat(timespec='microseconds')}Z"


def naive_utc(moment: datetime) -> datetime:
    """The same moment as the SDK wants it: UTC without a zone."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def is_hidden(item: object) -> bool:
    """Whether an item must never reach a browser."""
    return isinstance(item, HiddenContextItem | SDKHiddenContextItem)


def dump(model: BaseModel) -> dict[str, Any]:
    """JSON of any ChatKit object as it goes over the wire: without nulls of model fields and without attachment metadata."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True, context={"exclude_metadata": True})


def dump_item(item: ThreadItem) -> dict[str, Any]:
    """Wire JSON of an item."""
    if isinstance(item, UnknownItem):
        return item.raw
    return dump(item) | {"created_at": utc_text(item.created_at)}


def dump_stored(item: ThreadItem) -> dict[str, Any]:
    """Storage JSON of an item: that of the wire with the metadata of its attachments, which `for_reader` leaves out again."""
    if isinstance(item, UserMessageItem) and item.attachments:
        raw = item.model_dump(mode="json", by_alias=True, exclude_none=True)
        return raw | {"created_at": utc_text(item.created_at)}
    if isinstance(item, HiddenContextItem):
        return {"content": None, **dump_item(item)}
    return dump_item(item)


def for_reader(raw: str, verdict: str | None = None) -> str:
    """A stored item's JSON text as its reader gets it.

    Without the metadata of attachments, and with what the reader thinks of the item (``feedback``) where they said so.
    """
    if '"metadata"' in raw:
        raw = _without_metadata(raw)
    return f'{raw[:-1]},"feedback":"{verdict}"}}' if verdict else raw


def _without_metadata(raw: str) -> str:
    item = orjson.loads(raw)
    if item.get("type") != "user_message":
        return raw
    for attachment in item.get("attachments") or []:
        attachment.pop("metadata", None)
    return to_text(item)


def load_item(raw: dict[str, Any]) -> ThreadItem:
    """The SDK's object for stored JSON.

    A widget of the SDK's named classes is read as it was written; any other as dynamic components, which keep properties that the
    named classes would drop.  An unknown or broken item becomes an `UnknownItem`.
    """
    try:
        item = _ITEM.validate_python(raw)
        if isinstance(item, WidgetItem) and dump(item.widget) != raw["widget"]:
            item = _ITEM.validate_python(raw | {"widget": DynamicWidgetRoot.model_validate(raw["widget"])})
    except ValidationError:
        return UnknownItem(
            id=str(raw.get("id")), thread_id=str(raw.get("thread_id")), created_at=naive_utc(datetime.now(UTC)), raw=raw
        )
    item.created_at = naive_utc(item.created_at)
    return item


def known_fields(item: ThreadItem) -> list[str]:
    """Top-level fields which the SDK writes itself; any other stored field is kept when the item is saved."""
    return [] if isinstance(item, UnknownItem) else [*type(item).model_fields, "interrupted"]


def dump_thread(thread: ThreadMetadata) -> dict[str, Any]:
    """Wire JSON of a thread without items."""
    reason = getattr(thread.status, "reason", None)
    return thread_json(
        thread.id,
        thread.title,
        thread.created_at,
        status=thread.status.type,
        reason=reason,
        domains=thread.allowed_image_domains,
    )


def thread_json(
    thread_id: str,
    title: str | None,
    created_at: datetime,
    *,
    status: str,
    reason: str | None,
    domains: list[str] | None,
) -> dict[str, Any]:
    """Wire JSON of a thread without items.  Its metadata is never sent.

    Written out: a page of threads would spend most of its time in pydantic.
    """
    raw: dict[str, Any] = {
        "id": thread_id,
        "created_at": utc_text(created_at),
        "status": {"type": status} if reason is None else {"type": status, "reason": reason},
        "metadata": {},
        "items": {"data": [], "has_more": False},
    }
    if title is not None:
        raw["title"] = title
    if domains is not None:
        raw["allowed_image_domains"] = domains
    return raw


def metadata_of(thread: ThreadMetadata) -> ThreadMetadata:
    """A deep copy of a thread without its items (the SDK sometimes passes a `Thread` that carries them)."""
    return ThreadMetadata(**thread.model_dump(exclude={"items"} if isinstance(thread, Thread) else None))


def as_stored(thread: ThreadMetadata) -> ThreadMetadata:
    """A copy that shares nothing with the caller and is what PostgreSQL would give back."""
    meta = metadata_of(thread)
    meta.created_at = naive_utc(meta.created_at)
    meta.title = cut(meta.title, MAX_TITLE)
    if not isinstance(meta.status, ActiveStatus):
        meta.status.reason = cut(meta.status.reason, MAX_REASON)
    meta.metadata = orjson.loads(metadata_text(meta.metadata))
    return meta


def cut(text: str | None, most: int) -> str | None:
    """A text of at most so many characters."""
    return text if text is None or len(text) <= most else f"{text[: most - 1]}…"


def load_attachment(raw: dict[str, Any]) -> Attachment:
    """The SDK's object for a stored attachment."""
    return _ATTACHMENT.validate_python(raw)


def to_text(raw: Any) -> str:
    """JSON text that PostgreSQL accepts: it cannot store U+0000, which becomes U+FFFD."""
    text = orjson.dumps(raw).decode()
    return orjson.dumps(_without_nul(raw)).decode() if "\\u0000" in text else text


def metadata_text(metadata: dict[str, Any]) -> str:
    """JSON text of a thread's metadata, in which the server's code may put whatever pydantic can write as JSON."""
    text = _METADATA.dump_json(metadata).decode()
    return to_text(orjson.loads(text)) if "\\u0000" in text else text


def _without_nul(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
        case dict():
            return {_without_nul(key): _without_nul(item) for key, item in value.items()}
        case list():
            return [_without_nul(item) for item in value]
        case _:
            return value

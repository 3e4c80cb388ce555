"""Every string that an event can carry, found in the SDK's models, with a canary in one of them at a time."""

from __future__ import annotations

import types
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

import orjson
from chatkit.actions import Action
from chatkit.errors import CustomStreamError
from chatkit.types import (
    LockedStatus,
    NoticeEvent,
    ProgressUpdateEvent,
    SyncCustomActionResponse,
    ThreadMetadata,
    ThreadStreamEvent,
    WidgetItem,
)
from chatkit.widgets import DynamicWidgetRoot, WidgetComponentBase
from pydantic import AnyUrl, BaseModel

from chat.agents.deltas import AnswerEvent
from chat.context import ChatContext
from chat.server import PlatformChatKitServer
from chat.stores.base import OpenedRun, now
from chatplatform.lib.ids import new_id

#: An address of somebody, and one that leads away with something.
CANARY = "canary@mail.example https://evil.example/?d=CANARY"
#: What may be left of none of them.
SIGNS = ("canary@", "evil.example", "CANARY")
Case = tuple[str, Any]


def events(canary: str = CANARY) -> Iterator[tuple[str, ThreadStreamEvent]]:
    """Each event of the protocol, once for each place in which it can carry a text: the place, and the event."""
    yield from _variants(ThreadStreamEvent, canary, ())


def event_kinds() -> list[type[BaseModel]]:
    return list(_classes(ThreadStreamEvent))


def _classes(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for part in _parts(annotation):
            yield from _classes(part)


def _parts(annotation: Any) -> tuple[Any, ...]:
    if hasattr(annotation, "__value__"):
        return (annotation.__value__,)
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        return (annotation.__origin__,)
    return ()


def _variants(annotation: Any, canary: str, stack: tuple[type, ...]) -> Iterator[Case]:
    if annotation is str:
        yield "", canary
    elif annotation is Any or annotation is object:
        yield "", canary
        yield "{}", {"invented": {"deep": [canary]}}
        yield "{key}", {canary: 1}
    elif annotation is AnyUrl:
        if "://" in canary:
            yield "", AnyUrl(canary.rsplit(maxsplit=1)[-1])
    elif parts := _parts(annotation):
        for part in parts:
            yield from _variants(part, canary, stack)
    elif get_origin(annotation) is list:
        for place, value in _variants(get_args(annotation)[0], canary, stack):
            yield f"[]{place}", [value]
    elif get_origin(annotation) is dict:
        yield "{key}", {canary: _plain(get_args(annotation)[1])}
        for place, value in _variants(get_args(annotation)[1], canary, stack):
            yield f"{{}}{place}", {"invented": value}
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from _models(annotation, canary, stack)


def _models(kind: type[BaseModel], canary: str, stack: tuple[type, ...]) -> Iterator[Case]:
    widgets = [each for each in stack if issubclass(each, WidgetComponentBase)]
    if kind in stack or len(widgets) > 1:
        return
    kind.model_rebuild()
    for name, field in kind.model_fields.items():
        for place, value in _variants(field.annotation, canary, (*stack, kind)):
            yield f"{kind.__name__}.{name}{place}", _made(kind, {name: value})
    if kind.model_config.get("extra") == "allow":
        for value in (canary, {"url": canary}, [canary]):
            yield f"{kind.__name__}.invented", _made(kind, {"invented": value})


def _made(kind: type[BaseModel], given: dict[str, Any]) -> BaseModel:
    kind.model_rebuild()
    needed = {
        name: _plain(field.annotation)
        for name, field in kind.model_fields.items()
        if field.is_required() and name not in given
    }
    for name in needed:
        if name in ("id", "item_id"):
            needed[name] = new_id("message")
        elif name == "thread_id":
            needed[name] = new_id("thread")
    return kind.model_construct(**needed, **given)


def _plain(annotation: Any) -> Any:
    if get_origin(annotation) is Literal:
        return get_args(annotation)[0]
    if parts := _parts(annotation):
        return None if type(None) in parts else _plain(parts[0])
    if get_origin(annotation) in (list, dict):
        return get_origin(annotation)()
    if not isinstance(annotation, type):
        return None
    if issubclass(annotation, Enum):
        return next(iter(annotation))
    if issubclass(annotation, BaseModel):
        return _made(annotation, {})
    return {str: "plain", int: 1, float: 1.0, bool: False, datetime: datetime.now(UTC)}.get(annotation)


class Canaries(PlatformChatKitServer):
    """Answers with every event of a kind that can carry a canary, and names the thread after one."""

    async def answer(self, opened: OpenedRun) -> AsyncGenerator[AnswerEvent, None]:
        kind = orjson.loads(opened.history[-1])["content"][0]["text"]
        for place, event in events():
            if type(event).__name__ != kind or _names_an_item(place):
                continue
            item = getattr(event, "item", None)
            here = {} if item is None else {"item": item.model_copy(update={"thread_id": opened.thread.id})}
            yield event.model_copy(update=here)
        opened.thread.title = CANARY
        if kind != "nothing":
            opened.thread.status = LockedStatus(reason=CANARY)
        opened.thread.allowed_image_domains = ["evil.example"]
        yield ProgressUpdateEvent(text="The end")

    async def sync_action(
        self, thread: ThreadMetadata, action: Action[str, Any], sender: WidgetItem | None, context: ChatContext
    ) -> SyncCustomActionResponse:
        thread.title = CANARY
        root = DynamicWidgetRoot.model_validate({"type": "Card", "children": [{"type": "Text", "value": CANARY}]})
        item = WidgetItem(id=new_id("message"), thread_id=thread.id, created_at=now(), widget=root)
        return SyncCustomActionResponse(updated_item=item)

    async def answer_action(self, opened: OpenedRun, action: Action[str, Any]) -> AsyncGenerator[AnswerEvent, None]:
        yield NoticeEvent(level="info", message=CANARY)
        raise CustomStreamError(CANARY)


def _names_an_item(place: str) -> bool:
    """Ids of items and threads, by which they are stored."""
    return place.count(".") <= 2 and place.rsplit(".", 1)[-1] in ("id", "thread_id", "item_id")

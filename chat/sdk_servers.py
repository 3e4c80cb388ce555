"""Servers written for the SDK: how a subclass of its `ChatKitServer` becomes the server of this platform.

The platform answers by methods of its own, which know the run, its lock and its log.  A subclass may override those of the SDK
instead; what it overrides is called, and what it does not costs nothing.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextvars import ContextVar
from typing import Any

from chatkit.server import ChatKitServer
from chatkit.store import AttachmentStore, Store
from chatkit.types import ThreadMetadata, ThreadStreamEvent
from django.core.exceptions import ImproperlyConfigured

from chat.agents.deltas import AnswerEvent
from chat.stores.base import OpenedRun, PlatformStore

#: The run whose answer the current task produces.
_RUN: ContextVar[OpenedRun | None] = ContextVar("run_being_answered", default=None)
#: The methods of the SDK's `Store` that a store of one's own may override: the others are not the way to the rows.
GENERATORS = ("generate_thread_id", "generate_item_id")


def current_run(thread: ThreadMetadata) -> OpenedRun | None:
    """The run that is answered in this thread by the current task."""
    run = _RUN.get()
    return run if run is not None and run.thread.id == thread.id else None


async def events_of(
    opened: OpenedRun, begin: Callable[[], AsyncIterator[ThreadStreamEvent]]
) -> AsyncGenerator[AnswerEvent, None]:
    """The events of a method of the SDK; it is called with the first of them, so that what it raises is told in the stream."""
    _RUN.set(opened)
    events = begin()
    try:
        async for event in events:
            yield event
    finally:
        if (close := getattr(events, "aclose", None)) is not None:
            await close()


def is_overridden(instance: object, name: str, base: type) -> bool:
    """Whether an object has a method of its own in the place of that of ``base``."""
    return getattr(getattr(instance, name), "__func__", None) is not getattr(base, name)


def require_platform_store(server: object, store: object) -> PlatformStore:
    """A store that conversations can be kept in.

    Raises:
        ImproperlyConfigured: it is none of the platform's, or overrides what no read and no write passes through.
    """
    name = type(server).__name__
    if not isinstance(store, PlatformStore):
        raise ImproperlyConfigured(
            f"{name} brings a store of its own ({type(store).__name__}). Conversations are kept in the platform's: "
            "let __init__ take `store` and hand it to super().__init__()."
        )
    passed_by = [
        method
        for method in vars(Store)
        if not method.startswith("_")
        and method not in GENERATORS
        and not getattr(type(store), method).__module__.startswith("chat.stores.")
    ]
    if passed_by:
        raise ImproperlyConfigured(
            f"{type(store).__name__} overrides {', '.join(passed_by)}, which the platform passes by. "
            f"A store may override {', '.join(GENERATORS)}."
        )
    return store


def with_platform(kind: type, platform: type[ChatKitServer[Any]]) -> type[Any]:
    """The class itself where it is one of the platform's, else one that has the platform behind it in the place of the SDK.

    Raises:
        ImproperlyConfigured: it is no `ChatKitServer`.
    """
    if not (inspect.isclass(kind) and issubclass(kind, ChatKitServer)):
        raise ImproperlyConfigured(
            f"CHATKIT_SERVER names {kind!r}, which is no subclass of chatkit.server.ChatKitServer."
        )
    if issubclass(kind, platform):
        return kind
    return type(kind.__name__, (kind, platform), {"__module__": kind.__module__, "__doc__": kind.__doc__})


def construct(kind: type, store: PlatformStore, attachment_store: AttachmentStore[Any]) -> Any:
    """An instance: the two stores go where the constructor names them, else into its first arguments without a default.

    Raises:
        ImproperlyConfigured: it wants more.
    """
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]  # type: ignore[misc]
    given: dict[str, Any] = {"store": store, "attachment_store": attachment_store}
    unnamed = [value for name, value in given.items() if name not in {parameter.name for parameter in parameters}]
    arguments: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        if parameter.name in given:
            arguments[parameter.name] = given[parameter.name]
        elif parameter.default is parameter.empty:
            if not unnamed:
                raise ImproperlyConfigured(
                    f"{kind.__name__}.__init__() wants {parameter.name!r}: the platform passes a store and an attachment store. "
                    "Give the others defaults."
                )
            arguments[parameter.name] = unnamed.pop(0)
    server = kind(**arguments)
    if not isinstance(getattr(server, "store", None), PlatformStore):
        raise ImproperlyConfigured(f"{kind.__name__}.__init__() does not call super().__init__(store).")
    return server

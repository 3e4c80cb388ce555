"""What the buttons and forms of widgets do: handlers by the type of the action.

A handler is an async function that takes an `ActionCall` and returns an `Outcome`.  It may be called twice for one click, or for
none: what may happen only once takes a one-use token (`chat.stores.token_queries`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chatkit.actions import Action
from chatkit.types import HiddenContextItem, ThreadMetadata, ThreadStreamEvent, WidgetItem
from chatkit.widgets import WidgetRoot

from chat.context import ChatContext
from chat.stores import codec
from chat.stores.base import PlatformStore, now
from chatplatform.lib.errors import PlatformError

#: The properties under which widgets carry an action; `confirm` and `cancel` of a card hold it under "action".
_PLACES = frozenset({"onClickAction", "onSubmitAction", "onChangeAction", "action"})


@dataclass(frozen=True, slots=True)
class ActionCall:
    """An action on its way to its handler.

    What the widget itself put into ``payload`` is as the server wrote it; form fields came from the browser.  Changes of
    ``thread`` are stored with what the handler returns.
    """

    type: str
    payload: dict[str, Any]
    sender: WidgetItem | None
    thread: ThreadMetadata
    store: PlatformStore
    context: ChatContext


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action leads to.

    ``widget`` takes the place of the one that sent it, ``note`` tells the model and nobody else, ``speaks`` has the assistant
    answer.  An action that was not sent as a stream has no ``events`` and nobody speaks after it.  ``is_users_own``: the widget
    shows what the user wrote into it, and words of the server; output rules leave it as it is.
    """

    widget: WidgetRoot | None = None
    note: str = ""
    speaks: bool = False
    events: list[ThreadStreamEvent] = field(default_factory=list)
    is_users_own: bool = False

    def sender_after(self, call: ActionCall) -> WidgetItem | None:
        """The item of the widget, as it is from now on; None when it stays as it was."""
        if self.widget is None or call.sender is None:
            return None
        return call.sender.model_copy(update={"widget": self.widget})

    def note_for(self, call: ActionCall) -> HiddenContextItem | None:
        if not self.note:
            return None
        return HiddenContextItem(
            id=call.store.generate_item_id("message", call.thread, call.context),
            thread_id=call.thread.id,
            created_at=now(),
            content={"action": self.note},
        )


Handler = Callable[[ActionCall], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class _Registered:
    handler: Handler
    from_page: bool


_HANDLERS: dict[str, _Registered] = {}


def action(kind: str, *, from_page: bool = False) -> Callable[[Handler], Handler]:
    """Register a handler for the actions of a type.

    Args:
        from_page: whether the page around the chat may send it too, with `sendCustomAction()` and without a widget.
    """

    def register(handler: Handler) -> Handler:
        _HANDLERS[kind] = _Registered(handler, from_page)
        return handler

    return register


def handler_of(given: Action[str, Any], sender: WidgetItem | None, *, streaming: bool) -> Handler:
    """The handler of an action that its widget offers.

    Raises:
        PlatformError: ``action_not_offered``, when the widget has no such action, has it with another payload, or sends it in the
            other way; ``unknown_action``, when nobody handles it.
    """
    if sender is not None and not _offers(codec.dump(sender.widget), given, streaming=streaming):
        raise PlatformError("action_not_offered")
    found = _HANDLERS.get(given.type)
    if found is None or (sender is None and not found.from_page):
        raise PlatformError("unknown_action")
    if not isinstance(given.payload, dict | None):
        raise PlatformError("invalid_request", hint="The payload of an action is an object.")
    return found.handler


def _offers(widget: dict[str, Any], given: Action[str, Any], *, streaming: bool) -> bool:
    # Those of the page too: it may pass on to the server what it was called for.
    return any(
        offered["type"] == given.type
        and offered.get("streaming", True) == streaming
        and _contains(given.payload or {}, offered.get("payload") or {})
        for offered in _actions_in(widget)
    )


def _actions_in(node: Any) -> Iterator[dict[str, Any]]:
    match node:
        case dict():
            for name, value in node.items():
                if name in _PLACES and isinstance(value, dict) and isinstance(value.get("type"), str):
                    yield value
                else:
                    yield from _actions_in(value)
        case list():
            for child in node:
                yield from _actions_in(child)


def _contains(given: Any, offered: Any) -> bool:
    """Whether a payload is the offered one, with the fields of a form added at most."""
    if isinstance(offered, dict):
        return isinstance(given, dict) and all(
            name in given and _contains(given[name], value) for name, value in offered.items()
        )
    return bool(given == offered)

"""Trace: what one run was given and did, on its way to the row that is kept of it.

Exists only for runs that `RUN_TRACES` chooses; the others carry None and pay nothing.  What opens something (one-use tokens, signed
links) and what is only large (images as text) is left out of it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import orjson
from django.conf import settings

from chat.context import ChatContext

#: Bytes of JSON that are kept of the steps of a run, and of its events: what comes later is counted, not kept.
MOST_BYTES = 1_000_000
#: Pieces of text that come within so many milliseconds are kept as one.
SAME_MOMENT = 40
_DELTA = "assistant_message.content_part.text_delta"
#: What opens something; the rest of a widget, a message or an attachment is as it was shown.
_SECRETS = frozenset({"token", "upload_descriptor", "preview_url", "authorization", "api_key"})


def wants_trace() -> bool:
    """Whether the run that begins now is looked at closely."""
    match settings.RUN_TRACES:
        case "debug":
            return bool(settings.DEBUG)
        case "sampled":
            return random.random() * 100 < settings.RUN_TRACES_PERCENT  # noqa: S311 - no secret
        case _:
            return False


class Trace:
    """Of one run; times are in milliseconds since it began.

    ``steps`` are calls of models and tools in their order, as `chat.agents.tracing` tells them.  ``frames`` gives the run's log
    once it has ended, ``moments`` the time of each frame in it.
    """

    __slots__ = ("_began", "_size", "context", "frames", "is_cut", "moments", "steps")

    def __init__(self, context: dict[str, Any]) -> None:
        self._began = time.monotonic()
        self._size = 0
        self.context = context
        self.is_cut = False
        self.steps: list[dict[str, Any]] = []
        self.moments: list[int] = []
        self.frames: Callable[[], list[bytes]] = list

    @classmethod
    def of(cls, context: ChatContext) -> Trace:
        """A new one, with who asks and what their browser says."""
        return cls(
            {
                "request": context.request_id,
                "assistant": context.assistant.slug,
                "version": context.assistant.version_id,
                "languages": context.locale,
                "page": context.page,
                "name": context.end_user.display_name,
                "role": context.end_user.role,
            }
        )

    def now(self) -> int:
        """Milliseconds since the run began."""
        return round((time.monotonic() - self._began) * 1000)

    def add(self, step: dict[str, Any]) -> dict[str, Any]:
        """Keep a step that begins now; returns what its end may be written into."""
        text = orjson.dumps(step, default=_plain)
        if self._size + len(text) > MOST_BYTES:
            self.is_cut = True
            return {}
        self._size += len(text)
        kept: dict[str, Any] = {"at": self.now(), **without_secrets(orjson.loads(text))}
        self.steps.append(kept)
        return kept

    def finish(self, step: dict[str, Any], **facts: Any) -> None:
        """Write the end of a step into it."""
        text = orjson.dumps(facts, default=_plain)
        self._size += len(text)
        if self._size > MOST_BYTES:
            self.is_cut, text = True, b"{}"
        step |= {"ended": self.now(), **without_secrets(orjson.loads(text))}

    def events(self) -> list[list[Any]]:
        """``[milliseconds, event]`` of the run's log; pieces of text of the same moment are one."""
        found: list[list[Any]] = []
        size = 0
        for moment, frame in zip(self.moments, self.frames(), strict=False):
            size += len(frame)
            if size > MOST_BYTES:
                self.is_cut = True
                break
            event = without_secrets(orjson.loads(frame[len(b"data: ") :]))
            if found and moment - found[-1][0] < SAME_MOMENT and _same_part(found[-1][1], event):
                found[-1][1]["update"]["delta"] += event["update"]["delta"]
            else:
                found.append([moment, event])
        return found


def _same_part(before: dict[str, Any], event: dict[str, Any]) -> bool:
    """Whether both are text of one part of a message."""
    first, second = before.get("update") or {}, event.get("update") or {}
    return (
        first.get("type") == second.get("type") == _DELTA
        and before["item_id"] == event["item_id"]
        and first["content_index"] == second["content_index"]
    )


def without_secrets(value: Any) -> Any:
    """JSON without what opens something, and with images as text cut short."""
    match value:
        case {"type": "image_generation_call", "result": str(image)}:
            return {**without_secrets({**value, "result": None}), "result": f"… ({len(image)} characters)"}
        case dict():
            return {name: without_secrets(child) for name, child in value.items() if name.lower() not in _SECRETS}
        case list():
            return [without_secrets(child) for child in value]
        case str() if value.startswith("data:") and ";base64," in value[:100]:
            return f"{value.partition(',')[0]},… ({len(value)} characters)"
        case str() if "signature=" in value and "/api/chatkit/attachments/" in value:
            return value.partition("?")[0]
        case _:
            return value


def _plain(value: Any) -> Any:
    """JSON of what the SDK passes around beside plain data."""
    return value.model_dump(mode="json", exclude_none=True) if hasattr(value, "model_dump") else str(value)

"""gallery: one example of every component of widgets, to look at and to try."""

from __future__ import annotations

import json
from typing import Any

from chatkit.widgets import DynamicWidgetRoot

from chat.actions import ActionCall, Outcome, action
from chat.stores import codec
from chat.widgets.template import LIBRARY

_EXAMPLES: list[dict[str, Any]] = [
    json.loads(file.read_text()) for file in sorted((LIBRARY / "gallery").glob("*.json"))
]
#: The component whose text grows while it is looked at.
_GROWING = "growing"


def gallery() -> list[DynamicWidgetRoot]:
    """The examples; the last one has room for a text that grows."""
    return [DynamicWidgetRoot.model_validate(example) for example in _EXAMPLES]


def grown(widget: DynamicWidgetRoot, text: str, *, done: bool) -> DynamicWidgetRoot:
    """The same widget with so much of its text."""
    raw = codec.dump(widget)
    for child in raw["children"]:
        if child.get("id") == _GROWING:
            child.update(value=text, streaming=not done)
    return DynamicWidgetRoot.model_validate(raw)


@action("gallery.tell")
async def tell(call: ActionCall) -> Outcome:
    """Have the assistant say what has arrived."""
    received = json.dumps(call.payload, ensure_ascii=False, sort_keys=True)
    return Outcome(note=f"The user tried something in the gallery. It was done. I received `{received}`.", speaks=True)


@action("gallery.mark")
async def mark(call: ActionCall) -> Outcome:
    """Write what has arrived above its widget, which needs no answer."""
    if call.sender is None:
        return Outcome()
    status = {"text": call.payload["text"], "icon": "check-circle"}
    return Outcome(widget=DynamicWidgetRoot.model_validate({**codec.dump(call.sender.widget), "status": status}))

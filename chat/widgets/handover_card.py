"""handover_card: says that a person will answer, and lets the user go on with the assistant instead."""

from __future__ import annotations

from typing import Any

from chatkit.widgets import DynamicWidgetRoot


def handover_card() -> DynamicWidgetRoot:
    """While somebody is waited for.  Its button is answered at once, also while something is being written."""
    button = {
        "type": "Button",
        "label": "Continue with the assistant",
        "variant": "outline",
        "onClickAction": {"type": "human.cancel", "payload": {}, "streaming": False},
    }
    words = "A person will answer here. Until then, everything that you write is kept for them."
    return _card({"type": "Text", "value": words}, button, status={"text": "Waiting for a person", "icon": "user"})


def resumed_card() -> DynamicWidgetRoot:
    """After the user has gone on with the assistant."""
    return _card({"type": "Text", "value": "The assistant answers again."})


def _card(*children: dict[str, Any], **fields: Any) -> DynamicWidgetRoot:
    return DynamicWidgetRoot.model_validate({"type": "Card", "size": "sm", "children": list(children), **fields})

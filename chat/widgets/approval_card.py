"""approval_card: a question about something that is going to be changed, with a yes and a no."""

from __future__ import annotations

from typing import Any

from chatkit.widgets import DynamicWidgetRoot


def approval_card(question: str, token: str) -> DynamicWidgetRoot:
    """The question, and two buttons that carry the one-use token."""
    return _card(
        question,
        confirm={"label": "Confirm", "action": {"type": "approval.confirm", "payload": {"token": token}}},
        cancel={"label": "Cancel", "action": {"type": "approval.cancel", "payload": {"token": token}}},
    )


def decided_card(question: str, decision: str, icon: str) -> DynamicWidgetRoot:
    """The same question after it was decided."""
    return _card(question, status={"text": decision, "icon": icon})


def _card(question: str, **fields: Any) -> DynamicWidgetRoot:
    children = [{"type": "Text", "value": question, "weight": "semibold"}]
    return DynamicWidgetRoot.model_validate({"type": "Card", "size": "sm", "children": children, **fields})

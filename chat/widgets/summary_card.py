"""summary_card: a heading and rows of label and value."""

from __future__ import annotations

from chatkit.widgets import DynamicWidgetRoot
from pydantic import BaseModel


class Fact(BaseModel):
    """One row of the card."""

    label: str
    value: str


def summary_card(title: str, facts: list[Fact]) -> DynamicWidgetRoot:
    """The card as a widget root."""
    rows = [
        {
            "type": "Row",
            "justify": "between",
            "gap": 4,
            "children": [
                {"type": "Text", "value": fact.label, "color": "secondary", "size": "sm"},
                {"type": "Text", "value": fact.value, "weight": "semibold", "size": "sm"},
            ],
        }
        for fact in facts
    ]
    children = [
        {"type": "Title", "value": title, "size": "sm"},
        {"type": "Divider"},
        {"type": "Col", "gap": 2, "children": rows},
    ]
    return DynamicWidgetRoot.model_validate({"type": "Card", "size": "sm", "children": children})

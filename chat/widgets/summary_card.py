"""summary_card: a heading and rows of label and value."""

from __future__ import annotations

from chatkit.widgets import DynamicWidgetRoot
from pydantic import BaseModel

from chat.widgets.template import WidgetTemplate

_TEMPLATE = WidgetTemplate.named("summary_card")


class Fact(BaseModel):
    """One row of the card."""

    label: str
    value: str


def summary_card(title: str, facts: list[Fact]) -> DynamicWidgetRoot:
    """The card as a widget root."""
    return _TEMPLATE.build({"title": title, "facts": [fact.model_dump() for fact in facts]})

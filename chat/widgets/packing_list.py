"""packing_list: a card whose text grows while the list is being made."""

from __future__ import annotations

from chatkit.widgets import DynamicWidgetRoot


def packing_card(title: str, text: str, *, done: bool) -> DynamicWidgetRoot:
    """The card so far.  The text's component has an id, so that only what is new of it travels."""
    children = [
        {"type": "Title", "value": title, "size": "sm"},
        {"type": "Markdown", "id": "packing-list", "value": text, "streaming": not done},
    ]
    return DynamicWidgetRoot.model_validate({"type": "Card", "size": "md", "children": children})

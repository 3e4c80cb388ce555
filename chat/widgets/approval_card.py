"""approval_card: what is going to be done, whole, with a yes and a no."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from chatkit.widgets import DynamicWidgetRoot

from chat.stores import codec
from chatplatform.lib.visible_text import visible, visible_json

#: The words of a card that are ours.
LABELS = frozenset({"Confirm", "Cancel", "Confirmed", "Cancelled"})


def texts_of(question: str, arguments: dict[str, Any]) -> list[tuple[str, str]]:
    """What a card says: the question under an empty name, then each argument by its name.  Nothing is left out."""
    return [("", visible(question)), *((visible(name), visible_json(value)) for name, value in arguments.items())]


def approval_card(texts: list[tuple[str, str]], token: str) -> DynamicWidgetRoot:
    """The card with two buttons that carry the one-use token."""
    return _card(
        texts,
        confirm={"label": "Confirm", "action": {"type": "approval.confirm", "payload": {"token": token}}},
        cancel={"label": "Cancel", "action": {"type": "approval.cancel", "payload": {"token": token}}},
    )


def decided_card(texts: list[tuple[str, str]], decision: str, icon: str) -> DynamicWidgetRoot:
    """The same card after it was decided."""
    return _card(texts, status={"text": decision, "icon": icon})


def digest_of(card: Any) -> str:
    """SHA-256 of what a card shows, its buttons aside."""
    children = codec.dump(card).get("children")
    return hashlib.sha256(orjson.dumps(children, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _card(texts: list[tuple[str, str]], **fields: Any) -> DynamicWidgetRoot:
    (_, question), *arguments = texts
    children = [{"type": "Text", "value": question, "weight": "semibold"}, *(_argument(*each) for each in arguments)]
    return DynamicWidgetRoot.model_validate({"type": "Card", "size": "sm", "children": children, **fields})


def _argument(name: str, value: str) -> dict[str, Any]:
    return {
        "type": "Col",
        "gap": 0,
        "children": [{"type": "Caption", "value": name}, {"type": "Text", "value": value, "size": "sm"}],
    }

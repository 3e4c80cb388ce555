"""PendingItem: an item that is being streamed and not stored yet."""

from __future__ import annotations

from typing import Any

from chatkit.types import (
    AssistantMessageContentPartAdded,
    AssistantMessageContentPartAnnotationAdded,
    AssistantMessageContentPartDone,
    AssistantMessageContentPartTextDelta,
    GeneratedImageUpdated,
    ThreadItem,
    WidgetRootUpdated,
    WidgetStreamingTextValueDelta,
    WorkflowTaskAdded,
    WorkflowTaskUpdated,
)

from chat.agents.deltas import TextDelta
from chat.runs.images import is_inside
from chat.stores import codec
from chat.stores.base import Interruption


class PendingItem:
    """Folds the updates of an item into its JSON, so that it can be saved as it stands at any moment.

    Text is kept as a list of pieces: appending to a string for every token would be quadratic.
    """

    __slots__ = ("_pieces", "dirty", "is_finished", "raw")

    def __init__(self, item: ThreadItem, *, is_finished: bool = False) -> None:
        self.raw = codec.dump_item(item)
        #: Nothing will be added to it; it only waits to be stored.
        self.is_finished = is_finished
        #: It has changed since it was last stored.
        self.dirty = False
        self._pieces: dict[int, list[str]] = {}

    def add_text(self, delta: TextDelta) -> None:
        """One more piece of text."""
        self._pieces.setdefault(delta.content_index, []).append(delta.delta)
        self.dirty = True

    def apply(self, update: Any) -> None:
        """Fold any other update in; one that is not known changes nothing."""
        self.dirty = True
        match update:
            case AssistantMessageContentPartTextDelta():
                self._pieces.setdefault(update.content_index, []).append(update.delta)
            case AssistantMessageContentPartAdded() | AssistantMessageContentPartDone():
                self._pieces.pop(update.content_index, None)
                self._part(update.content_index).update(codec.dump(update.content))
            case AssistantMessageContentPartAnnotationAdded():
                annotations = self._part(update.content_index)["annotations"]
                annotations.insert(update.annotation_index, codec.dump(update.annotation))
            case WorkflowTaskAdded():
                self.raw["workflow"]["tasks"].append(codec.dump(update.task))
            case WorkflowTaskUpdated():
                tasks = self.raw["workflow"]["tasks"]
                if update.task_index < len(tasks):
                    tasks[update.task_index] = codec.dump(update.task)
            case WidgetRootUpdated():
                self.raw["widget"] = codec.dump(update.widget)
            case WidgetStreamingTextValueDelta():
                _extend_component(self.raw["widget"], update.component_id, update.delta)
            case GeneratedImageUpdated() if not is_inside(update.image):  # a preview is worth no megabytes in a row
                self.raw["image"] = codec.dump(update.image)

    def snapshot(self, interrupted: Interruption) -> dict[str, Any]:
        """The item's JSON as it stands, marked as not finished unless it is."""
        self.dirty = False
        shown = self.shown()
        return shown if self.is_finished else {**shown, "interrupted": interrupted}

    def shown(self) -> dict[str, Any]:
        """The item's JSON as its readers see it now."""
        for index, pieces in self._pieces.items():
            self._part(index)["text"] += "".join(pieces)
        self._pieces.clear()
        return dict(self.raw)

    def is_empty(self) -> bool:
        """Whether there is nothing in it that is worth keeping."""
        if self.is_finished:
            return False
        if self.raw["type"] == "generated_image":
            return self.raw.get("image") is None
        if self.raw["type"] != "assistant_message":
            return False
        streamed = any(piece.strip() for pieces in self._pieces.values() for piece in pieces)
        return not streamed and not any(part.get("text", "").strip() for part in self.raw["content"])

    def _part(self, index: int) -> dict[str, Any]:
        parts = self.raw["content"]
        while len(parts) <= index:
            parts.append({"type": "output_text", "text": "", "annotations": []})
        part: dict[str, Any] = parts[index]
        return part


def _extend_component(component: Any, component_id: str, delta: str) -> bool:
    """Append streamed text to the widget component with this id, wherever it is."""
    if isinstance(component, dict):
        if component.get("id") == component_id:
            component["value"] = component.get("value", "") + delta
            return True
        return any(_extend_component(child, component_id, delta) for child in component.values())
    return isinstance(component, list) and any(_extend_component(child, component_id, delta) for child in component)

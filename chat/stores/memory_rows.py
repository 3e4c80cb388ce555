"""What `MemoryStore` keeps: threads with their items and runs, and attachments."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chatkit.types import ThreadMetadata
from django.utils import timezone

from chat.stores import codec
from chat.stores.base import LostRun

Owner = tuple[int, int, int]


@dataclass(slots=True)
class ItemRow:
    """A stored item; ``seq`` is its place."""

    seq: int
    id: str
    raw: dict[str, Any]
    run_id: str | None = None

    @property
    def is_hidden(self) -> bool:
        return self.raw["type"] in codec.HIDDEN_TYPES


@dataclass(slots=True)
class RunRow:
    id: str
    owner: str
    lease_expires_at: datetime
    epoch: int
    state: str = "running"
    error_code: str = ""
    is_cancel_requested: bool = False

    def is_silent(self) -> bool:
        return self.state == "running" and self.lease_expires_at < timezone.now()


@dataclass(slots=True)
class ThreadRow:
    seq: int
    owner: Owner
    meta: ThreadMetadata
    items: dict[str, ItemRow] = field(default_factory=dict)
    runs: dict[str, RunRow] = field(default_factory=dict)
    epoch: int = 0

    def produces(self, run_id: str) -> bool:
        """Whether a run still writes the thread's answer."""
        run = self.runs.get(run_id)
        return run is not None and run.state == "running" and run.epoch == self.epoch

    def give_up(self) -> list[LostRun]:
        """End its silent run."""
        silent = [run for run in self.runs.values() if run.is_silent()]
        for run in silent:
            run.state, run.error_code = "lost", "run_lost"
            self.epoch += 1
        return [LostRun(run.id, run.owner) for run in silent]

    def in_order(self) -> list[ItemRow]:
        return sorted(self.items.values(), key=lambda item: item.seq)

    def visible(self) -> list[ItemRow]:
        return [item for item in self.in_order() if not item.is_hidden]


@dataclass(slots=True)
class AttachmentRow:
    owner: Owner
    thread_id: str | None
    raw: dict[str, Any]

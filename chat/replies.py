"""What the server gives back for a request: JSON, or the frames of a run."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from chatkit.server import StreamingResult

from chat.runs.live import LiveRun


@dataclass(frozen=True, slots=True)
class Reply:
    """A JSON answer; ``run_id`` names the answer that is being written in the thread it shows."""

    body: bytes
    run_id: str | None = None


class RunResult(StreamingResult):
    """The frames of a run, and the run."""

    def __init__(self, stream: AsyncGenerator[bytes, None], run: LiveRun) -> None:
        super().__init__(stream)
        self.run = run

"""Where a loader stopped: what it needs to go on in another turn, maybe in another process."""

from __future__ import annotations

from typing import Any

#: JSON.  A loader begins with an empty one, and keeps it such that it says at each `yield` how to go on behind what is yielded.
Place = dict[str, Any]

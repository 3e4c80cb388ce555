"""RunUsage: what one run used, on its way from the agent to the row that is kept of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(slots=True)
class RunUsage:
    """Sums over the model calls of a run.  Times are in milliseconds since it began; ``cost`` is in US dollars, None if unknown.

    ``is_estimated``: a call broke off before its provider told the tokens, which were estimated then.
    ``prices`` are those that the cost was computed with: dollars for a million tokens (or an hour of speech), as texts, by
    their kind.
    """

    provider: str
    model: str
    requests: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    is_estimated: bool = False
    cost: Decimal | None = None
    prices: dict[str, str] = field(default_factory=dict)
    first_token_ms: int | None = None
    total_ms: int = 0

"""Meter: counts what a run uses while it goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from genai_prices import Usage, calc_price

from chat.agents.providers.registry import PROVIDERS
from chat.stores.usage import RunUsage

logger = logging.getLogger(__name__)

#: Fewer than most languages have, so that an estimate of tokens is rather too high.
BYTES_PER_TOKEN = 3
#: What an image counts for when its provider tells no tokens: a square one of medium quality.
IMAGE_TOKENS = 1_056
#: More than any call takes, and so few that the sums of a tenant's days, and their prices, stay within their columns.
MOST_TOKENS = 2**30


class Meter:
    """Of one run.  The model tells it of each call; `stop()` ends it."""

    def __init__(self, provider: str, model: str) -> None:
        self.usage = RunUsage(provider, model)
        self._began = time.monotonic()
        #: Ends of the calls that have begun.
        self._open: list[Callable[[], None]] = []

    def first_token(self, provider: str, model: str) -> None:
        """A model began to answer."""
        self.usage.provider, self.usage.model = provider, model
        if self.usage.first_token_ms is None:
            self.usage.first_token_ms = self._elapsed()

    def count(self, tokens: Any) -> None:
        """A call ended, and its provider told the tokens: ``tokens`` is the usage of the Responses API."""
        used, read, thought = self.usage, tokens.input_tokens_details, tokens.output_tokens_details
        given, written = _told(tokens.input_tokens), _told(tokens.output_tokens)
        cached = min(_told(read.cached_tokens) if read else 0, given)
        used.requests += 1
        used.input_tokens += given
        used.cached_tokens += cached
        used.output_tokens += written
        used.reasoning_tokens += _told(thought.reasoning_tokens) if thought else 0
        self._price_words(given, cached, written)

    def count_images(self, model: str, number: int, tokens: Any) -> None:
        """A call has drawn images; ``tokens`` is what its provider tells about that, if it does."""
        used, details = self.usage, getattr(tokens, "input_tokens_details", None)
        used.is_estimated |= not tokens
        given = _told(tokens.input_tokens) if tokens else 0
        written = _told(tokens.output_tokens) if tokens else number * IMAGE_TOKENS
        used.input_tokens += given
        used.output_tokens += written
        seen = min(_told(details.image_tokens) if details is not None else 0, given)
        amounts = Usage(input_tokens=given, input_image_tokens=seen, output_tokens=written)
        self._price(amounts, model, "image_")

    def estimate(self, given: str, written: int) -> None:
        """A call had begun, and nobody told its tokens: it was stopped, broke off, or its provider tells none.

        Otherwise whoever stops every answer would use nothing.

        Args:
            given: what the model read.
            written: how many characters it wrote.
        """
        used = self.usage
        used.requests += 1
        used.is_estimated = True
        tokens = (len(given.encode()) // BYTES_PER_TOKEN, -(-written // BYTES_PER_TOKEN))
        used.input_tokens += tokens[0]
        used.output_tokens += tokens[1]
        self._price_words(tokens[0], 0, tokens[1])

    def opened(self, close: Callable[[], None]) -> None:
        """A call has begun; ``close``, which may be called twice, estimates it unless it was counted."""
        self._open.append(close)

    def stop(self) -> None:
        """The run has ended, and with it the calls that it leaves: of one that was stopped, the SDK's task may end later."""
        for close in self._open:
            close()
        self.usage.total_ms = self._elapsed()

    def _price_words(self, given: int, cached: int, written: int) -> None:
        amounts = Usage(input_tokens=given, cache_read_tokens=cached, output_tokens=written)
        self._price(amounts, self.usage.model)

    def _price(self, amounts: Usage, model: str, prefix: str = "") -> None:
        """Add what a model takes for these amounts; the names of its prices begin with ``prefix``."""
        provider = PROVIDERS.get(self.usage.provider)
        if provider is None or not provider.price_list:
            return
        try:
            found = calc_price(amounts, model_ref=model, provider_id=provider.price_list)
        except (LookupError, ValueError):  # a model that the list does not know
            return
        self.usage.cost = (self.usage.cost or Decimal(0)) + found.total_price
        self.usage.prices |= {
            f"{prefix}{kind}": str(price)
            for kind in ("input_mtok", "cache_read_mtok", "output_mtok", *(("input_image_mtok",) if prefix else ()))
            if (price := getattr(found.model_price, kind, None)) is not None
        }

    def _elapsed(self) -> int:
        return round((time.monotonic() - self._began) * 1000)


def _told(number: Any) -> int:
    """A number of tokens as somebody's endpoint tells it: anything, which must neither give a tenant tokens nor fit no column."""
    return int(min(max(0, number), MOST_TOKENS)) if isinstance(number, int | float) else 0

"""Meter: counts what a run uses while it goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
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
#: A second of speech, as models that hear tell it; and how few bytes of a recording are a token, where nobody tells anything.
TOKENS_PER_SECOND, BYTES_PER_HEARD_TOKEN = 10, 400
#: What is told of a price with a cost: dollars for a million tokens, or for an hour.
_WORDS = ("input_mtok", "cache_read_mtok", "output_mtok")
_IMAGES = (*_WORDS, "input_image_mtok")
_SPEECH = (*_WORDS, "input_audio_mtok", "audio_hours")
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
        self._price(amounts, model, _IMAGES, "image_")

    def count_speech(self, size: int, told: Any) -> None:
        """A call has turned a recording of so many bytes into words; ``told``: what its provider tells about that, if it does."""
        used, details = self.usage, getattr(told, "input_token_details", None)
        seconds, given = getattr(told, "seconds", None), getattr(told, "input_tokens", None)
        used.requests += 1
        used.is_estimated = seconds is None and given is None
        heard = _told(seconds, TOKENS_PER_SECOND) if seconds is not None else _told(given)
        if used.is_estimated:
            heard = -(-size // BYTES_PER_HEARD_TOKEN)
        written = _told(getattr(told, "output_tokens", None))
        used.input_tokens += heard
        used.output_tokens += written
        audio = min(_told(details.audio_tokens), heard) if details is not None else heard
        time_taken = heard / TOKENS_PER_SECOND
        amounts = Usage(
            input_tokens=heard,
            input_audio_tokens=audio,
            output_tokens=written,
            audio_seconds=time_taken,
            input_audio_seconds=time_taken,
        )
        self._price(amounts, used.model, _SPEECH)

    def count_vectors(self, texts: Sequence[str], told: Any) -> None:
        """A call has made vectors of texts."""
        tokens = getattr(told, "prompt_tokens", None)
        if tokens is None:
            self.estimate("".join(texts), 0)
            return
        self.usage.requests += 1
        self.usage.input_tokens += _told(tokens)
        self._price_words(_told(tokens), 0, 0)

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
        self._price(amounts, self.usage.model, _WORDS)

    def _price(self, amounts: Usage, model: str, kinds: Sequence[str], prefix: str = "") -> None:
        """Add what a model takes for these amounts, and its prices of these kinds; their names begin with ``prefix``."""
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
            for kind in kinds
            if (price := getattr(found.model_price, kind, None)) is not None
        }

    def _elapsed(self) -> int:
        return round((time.monotonic() - self._began) * 1000)


def _told(number: Any, times: int = 1) -> int:
    """So many times a number as an endpoint tells it: anything, which must neither give a tenant tokens nor fit no column."""
    return int(min(max(0, number * times), MOST_TOKENS)) if isinstance(number, int | float) else 0

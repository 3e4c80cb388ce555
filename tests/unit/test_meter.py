"""What calls cost that are no answers."""

from decimal import Decimal
from typing import Any

import pytest
from openai.types import CreateEmbeddingResponse
from openai.types.audio.transcription import Transcription

from chat.agents.providers.meter import MOST_TOKENS, Meter

TOKENS = {
    "type": "tokens",
    "input_tokens": 600,
    "input_token_details": {"audio_tokens": 500, "text_tokens": 100},
    "output_tokens": 100,
    "total_tokens": 700,
}


@pytest.mark.parametrize(
    ("model", "usage", "heard", "cost"),
    [
        # 100 tokens of text at 1.25 dollars a million, 500 of speech at 3, 100 that were written at 5.
        ("gpt-4o-mini-transcribe", TOKENS, 600, "0.002125"),
        ("whisper-1", {"type": "duration", "seconds": 60.0}, 600, "0.006"),  # 36 cents an hour
        ("whisper-1", None, 10, "0.0001"),  # 4,000 bytes: a second
        ("gpt-4o-mini-transcribe", None, 10, "0.00003"),
        ("whisper-1", {"type": "duration", "seconds": 1e30}, MOST_TOKENS, None),
        ("whisper-1", {"type": "duration", "seconds": -5}, 0, "0"),
        ("a-model-of-tomorrow", None, 10, None),
    ],
)
def test_speech(model: str, usage: dict[str, Any] | None, heard: int, cost: str | None) -> None:
    meter = Meter("openai", model)
    meter.count_speech(4000, Transcription.construct(text="x", usage=usage).usage)
    used = meter.usage
    assert (used.requests, used.input_tokens, used.is_estimated) == (1, heard, usage is None)
    if cost is not None:
        assert used.cost == Decimal(cost)
        assert used.prices


def test_vectors() -> None:
    answer = {"object": "list", "model": "x", "data": [], "usage": {"prompt_tokens": 1000, "total_tokens": 1000}}
    meter = Meter("openai", "text-embedding-3-small")
    meter.count_vectors(["ä" * 6], CreateEmbeddingResponse.model_validate(answer).usage)
    assert (meter.usage.input_tokens, meter.usage.cost, meter.usage.is_estimated) == (1000, Decimal("0.00002"), False)
    meter.count_vectors(["ä" * 6], None)
    assert (meter.usage.requests, meter.usage.input_tokens, meter.usage.is_estimated) == (2, 1004, True)

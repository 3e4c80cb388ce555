"""Vectors as an endpoint of a provider makes them: texts with the same words point the same way."""

from __future__ import annotations

import re
import zlib
from typing import Any

#: A length that has no index, so that the platform has to compare.
LENGTH = 48


def embed(body: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request for embeddings."""
    rows = [
        {"object": "embedding", "index": number, "embedding": _vector(text)}
        for number, text in enumerate(body["input"])
    ]
    return {"object": "list", "model": body["model"], "data": rows, "usage": {"prompt_tokens": 1, "total_tokens": 1}}


def _vector(text: str) -> list[float]:
    vector = [0.001] * LENGTH
    for word in re.findall(r"\w+", text.lower()):
        vector[zlib.crc32(word.encode()) % LENGTH] += 1.0
    return vector

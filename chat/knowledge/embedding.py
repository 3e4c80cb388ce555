"""Vectors of texts: on this server without a network, or at the endpoint of a provider."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from django.utils.module_loading import import_string

#: Texts that are made into vectors at once.
BATCH = 64
#: Characters of a text that count.
MOST_CHARACTERS = 8_000
OFFLINE = "offline"
#: Providers are the agents' affair, which are above: named here, and imported when a tenant uses one.
_PROVIDERS = "chat.agents.embeddings.embedder_of"

Vectors = np.ndarray[Any, np.dtype[np.float32]]


class Embedder(Protocol):
    """Makes vectors of length one; ``provider`` and ``model`` say which vectors may be compared with each other."""

    @property
    def provider(self) -> str: ...

    @property
    def model(self) -> str: ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """One row for each of at most `BATCH` texts.

        Raises:
            PlatformError: the provider's, see `chat.agents.providers.errors`.
        """
        ...


async def embedder_for(tenant_id: int, provider: str, model: str) -> Embedder:
    """The embedder of a tenant.

    Raises:
        PlatformError: ``embedding_unavailable``, when its provider is not configured.
    """
    if provider == OFFLINE:
        return OfflineEmbedder()
    found: Embedder = await import_string(_PROVIDERS)(tenant_id, provider, model)
    return found


class OfflineEmbedder:
    """WordLlama: an average of static vectors of word pieces.  Knows synonyms, not sentences; reads thousands of pages a minute."""

    provider = OFFLINE
    model = "wordllama-l2-256"

    async def embed(self, texts: Sequence[str]) -> Vectors:
        return await asyncio.to_thread(embed_offline, texts)


def embed_offline(texts: Sequence[str]) -> Vectors:
    """Blocks: for threads only.  The first call loads 16 MB of weights, which takes about a second."""
    cut = [text[:MOST_CHARACTERS] for text in texts]
    with np.errstate(invalid="ignore"):  # a text without a word that it knows
        found: Vectors = _wordllama().embed(cut, norm=True)
    return unit(found)


def unit(vectors: Vectors) -> Vectors:
    """The rows with length one; those that have none point nowhere in particular, but always the same way."""
    fixed = np.nan_to_num(vectors.astype(np.float32))
    lengths = np.linalg.norm(fixed, axis=1, keepdims=True)
    nowhere = np.zeros_like(fixed[:1])
    nowhere[:, 0] = 1.0
    result: Vectors = np.where(lengths > 0, fixed / np.maximum(lengths, 1e-12), nowhere)
    return result


_loading = threading.Lock()


@functools.cache
def _loaded() -> Any:
    import wordllama

    # From its own wheel; it would look at a hub in the internet otherwise.
    return wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)


def _wordllama() -> Any:
    with _loading:  # once, when several threads ask at the same time
        return _loaded()

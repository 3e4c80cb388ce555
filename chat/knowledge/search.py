"""Search in a tenant's documents: by words and by vectors, fused by reciprocal rank."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chat.knowledge import search_queries as queries
from chat.knowledge.embedding import embedder_for
from chat.knowledge.reranking import CANDIDATES, by_sentence
from chat.knowledge.scope import SearchScope
from chat.knowledge.search_queries import Base, Found
from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.errors import PlatformError

#: Passages that an answer is made of.
MOST_HITS = 6
#: Of reciprocal rank fusion: how little the first place is worth more than the second.
_DAMPING = 60
#: Below both, a passage has nothing to do with the question.
_LEAST_COVERED, _LEAST_SIMILAR = 0.15, 0.3
#: From either on, a passage is about the question.
_COVERED, _SIMILAR = 0.5, 0.5


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found.  ``similarity`` is that of the vectors; 0 where it was found by its words alone."""

    found: Found
    similarity: float

    @property
    def is_about_it(self) -> bool:
        """Whether somebody who cannot read may take it for an answer; a model judges for itself."""
        return self.found.covers >= _COVERED or (self.similarity >= _SIMILAR and self.found.covers > 0)


async def search(question: str, scope: SearchScope, limit: int = MOST_HITS, *, reranks: bool = False) -> list[Hit]:
    """The passages that answer a question best; none where nothing has to do with it.

    About five queries.  When the provider of the vectors does not answer, words alone are searched.  ``reranks``: look at more
    passages than are wanted, and at their sentences.
    """
    base = await in_tenant(scope.tenant_id, queries.base_of, scope.tenant_id) if scope.source_ids else None
    if base is None or not question.strip():
        return []
    vector = await _vector(question, base, scope.tenant_id)
    wanted = max(limit, CANDIDATES) if reranks else limit
    hits = await in_tenant(scope.tenant_id, _find, question, vector, base, scope, wanted)
    return (await asyncio.to_thread(_reranked, question, hits))[:limit] if reranks and hits else hits


async def _vector(question: str, base: Base, tenant_id: int) -> str:
    """The question in the index that answers; empty without one."""
    if base.index is None:
        return ""
    try:
        embedder = await embedder_for(tenant_id, base.index.provider, base.index.model)
        (vector,) = await embedder.embed([question])
    except PlatformError:
        return ""
    return queries.vector_text(vector)


def _find(question: str, vector: str, base: Base, scope: SearchScope, limit: int) -> list[Hit]:
    words = queries.words_of(question, base.language, scope.tenant_id)
    near = queries.by_vector(vector, base.index, scope) if vector and base.index is not None else []
    similarities = dict(near)
    ranked = fused([queries.by_words(words, scope), list(similarities)])
    hits = [
        Hit(found, similarities.get(found.chunk_id, 0.0)) for found in queries.shown(ranked[: 2 * limit], words, scope)
    ]
    fitting = [hit for hit in hits if hit.found.covers >= _LEAST_COVERED or hit.similarity >= _LEAST_SIMILAR]
    return fitting[:limit]


def _reranked(question: str, hits: list[Hit]) -> list[Hit]:
    """What was high before still counts as much as what its sentences say."""
    nearest = by_sentence(question, [(hit.found.title, hit.found.text) for hit in hits])
    return [hits[place] for place in fused([range(len(hits)), nearest])]


def fused(rankings: Iterable[Sequence[int]]) -> list[int]:
    """One ranking of several: what is high in any of them is high, what is high in all is highest."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for place, key in enumerate(ranking):
            scores[key] = scores.get(key, 0.0) + 1 / (_DAMPING + place + 1)
    return sorted(scores, key=lambda key: (-scores[key], key))

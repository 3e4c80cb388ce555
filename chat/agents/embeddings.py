"""Vectors of texts, at the endpoint of a provider: the tenant's own account, or the installation's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import openai
from django.conf import settings

from chat.agents.providers.build import client_of
from chat.agents.providers.errors import explain
from chat.agents.providers.meter import Meter
from chat.agents.providers.registry import PROVIDERS
from chat.knowledge.embedding import MOST_CHARACTERS, Vectors, unit
from chat.stores.usage_queries import keep_usage
from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.errors import PlatformError
from tenants.models import Usage


@dataclass(frozen=True, slots=True)
class ProviderEmbedder:
    """A model of a provider.  Requests that may still succeed are sent again by the client, `PROVIDER_RETRIES` times.

    What each call used is kept at once: whoever asked may be stopped before the next one.
    """

    provider: str
    model: str
    client: openai.AsyncOpenAI
    tenant_id: int

    async def embed(self, texts: Sequence[str]) -> Vectors:
        # Some endpoints refuse an empty text.
        given = [text[:MOST_CHARACTERS] or " " for text in texts]
        meter = Meter(self.provider, self.model)
        try:
            answer = await self.client.embeddings.create(model=self.model, input=given, encoding_format="float")
        except Exception as error:
            if (known := explain(error)) is not None:
                raise known from error
            raise
        meter.count_vectors(given, answer.usage)
        meter.stop()
        await in_tenant(self.tenant_id, keep_usage, meter.usage, Usage.Purpose.VECTORS, tenant_id=self.tenant_id)
        rows = [each.embedding for each in sorted(answer.data, key=lambda each: each.index)]
        if len(rows) != len(texts) or len({len(row) for row in rows}) != 1:
            raise PlatformError("provider_incomplete")
        return unit(np.array(rows, dtype=np.float32))


async def embedder_of(tenant_id: int, provider: str, model: str) -> ProviderEmbedder:
    """The embedder of a tenant; without a model's name the provider's usual one.

    Raises:
        PlatformError: ``embedding_unavailable``, ``assistant_unavailable`` (its key cannot be decrypted).
    """
    client = await client_of(provider, tenant_id)
    name = model or _usual_model(provider)
    if client is None or not name:
        raise PlatformError("embedding_unavailable")
    return ProviderEmbedder(provider, name, client, tenant_id)


def _usual_model(provider: str) -> str:
    if provider == "openai_compatible":
        return str(settings.PROVIDER_EMBEDDING_MODEL)
    return PROVIDERS[provider].embedding_model if provider in PROVIDERS else ""

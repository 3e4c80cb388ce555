"""AgentConfig: what an assistant's published version says, cached by its id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chatplatform.lib.db_pool import in_tenant
from chatplatform.lib.errors import PlatformError
from tenants.models import AssistantVersion

#: Published versions never change, so that they are kept until the process ends; the oldest goes when there are too many.
_CACHE_SIZE = 1000
_cache: dict[int, AgentConfig] = {}


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """The stored configuration from which an agent is built."""

    version_id: int
    instructions: str
    provider: str
    model: str
    tools: tuple[str, ...]
    client_options: dict[str, Any]
    #: Provider and model of those that are asked when the first cannot answer.
    fallbacks: tuple[tuple[str, str], ...] = ()
    model_options: dict[str, Any] = field(default_factory=dict)
    guardrails: dict[str, Any] = field(default_factory=dict)
    knowledge: dict[str, Any] = field(default_factory=dict)
    #: The OpenAI workflow that answers instead of an agent of ours.
    workflow: str = ""
    is_draft: bool = False


async def load_config(version_id: int | None, tenant_id: int) -> AgentConfig:
    """The configuration of a version; a draft, which its author tries out, is read each time.

    Raises:
        PlatformError: ``assistant_unavailable``, when nothing is published.
    """
    if version_id is None:
        raise PlatformError("assistant_unavailable")
    found = _cache.get(version_id)
    if found is None:
        found = await in_tenant(tenant_id, read_config, version_id, tenant_id)
        if found.is_draft:
            return found
        if len(_cache) >= _CACHE_SIZE:
            del _cache[next(iter(_cache))]
        _cache[version_id] = found
    return found


def read_config(version_id: int, tenant_id: int) -> AgentConfig:
    """One query, without the cache (templates that render a page's options)."""
    version = AssistantVersion.objects.for_tenant(tenant_id).filter(pk=version_id).first()
    if version is None:
        raise PlatformError("assistant_unavailable")
    return AgentConfig(
        version_id=version.pk,
        instructions=version.instructions,
        provider=version.provider,
        model=version.model,
        tools=tuple(version.tools),
        client_options=version.client_options,
        fallbacks=tuple((each["provider"], each.get("model", "")) for each in version.fallbacks),
        model_options=version.model_options,
        guardrails=version.guardrails,
        knowledge=version.knowledge,
        workflow=version.workflow,
        is_draft=version.state == AssistantVersion.State.DRAFT,
    )

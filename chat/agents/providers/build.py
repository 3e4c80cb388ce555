"""An assistant's version -> the model that answers for it."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import openai
from agents import (
    Model,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    set_tracing_disabled,
    set_tracing_export_api_key,
)
from django.conf import settings
from openai.types.shared import Reasoning

from chat.agents.config import AgentConfig
from chat.agents.offline.model import OfflineModel
from chat.agents.providers.keys import key_of_tenant
from chat.agents.providers.meter import Meter
from chat.agents.providers.registry import PROVIDERS, Provider
from chat.agents.providers.resilient import Candidate, ResilientModel
from chatplatform.lib.errors import PlatformError
from tenants.models import AssistantVersion

# The SDK would report every run to OpenAI.
set_tracing_disabled(not settings.PROVIDER_TRACING)
if settings.PROVIDER_TRACING:
    set_tracing_export_api_key(settings.PROVIDERS["openai"]["api_key"])


@dataclass(frozen=True, slots=True)
class Account:
    """Where a provider is reached, and with which key."""

    base_url: str
    api_key: str


async def model_for(config: AgentConfig, tenant_id: int, meter: Meter) -> Model:
    """The model of a tenant's assistant, with its fallbacks behind it.

    Raises:
        PlatformError: ``assistant_unavailable``, when none of its providers is configured.
    """
    if config.provider == AssistantVersion.Provider.OFFLINE:
        return OfflineModel()
    wanted = [(config.provider, config.model), *config.fallbacks]
    found = [await _candidate(name, model, config, tenant_id) for name, model in wanted]
    candidates = [candidate for candidate in found if candidate is not None]
    if not candidates:
        raise PlatformError("assistant_unavailable")
    return ResilientModel(candidates, meter)


def reads_images(config: AgentConfig) -> bool:
    """Whether attached images may be shown to all the models that may have to answer."""
    given = config.model_options.get("reads_images")
    if given is not None:
        return bool(given)
    rows = [PROVIDERS.get(name) for name in (config.provider, *(name for name, _model in config.fallbacks))]
    return all(row is not None and row.reads_images for row in rows)


async def _candidate(name: str, model: str, config: AgentConfig, tenant_id: int) -> Candidate | None:
    """A model that can be asked; None when its provider is not configured."""
    provider = PROVIDERS.get(name)
    account = await _account(provider, tenant_id) if provider is not None else None
    model = model or _default_model(provider)
    if provider is None or account is None or not model:
        return None
    client = _client(account.base_url, account.api_key)
    wire_api = settings.PROVIDER_WIRE_API if name == "openai_compatible" else provider.wire_api
    kind = OpenAIResponsesModel if wire_api == "responses" else FinishedChatCompletionsModel
    return Candidate(
        provider=name,
        model_name=model,
        model=kind(model=model, openai_client=client),
        settings=_settings(provider, config.model_options),
    )


async def client_of(name: str, tenant_id: int) -> openai.AsyncOpenAI | None:
    """The client for other endpoints of a provider; None when it is not configured."""
    provider = PROVIDERS.get(name)
    account = await _account(provider, tenant_id) if provider is not None else None
    return _client(account.base_url, account.api_key) if account is not None else None


async def _account(provider: Provider, tenant_id: int) -> Account | None:
    """With the tenant's own key, or else that of the environment; None without an address, or without a key that is needed."""
    if provider.name == "openai_compatible":
        base_url, api_key = settings.PROVIDER_BASE_URL, settings.PROVIDER_API_KEY
    else:
        given = settings.PROVIDERS[provider.account]
        base_url, api_key = given["base_url"] or provider.base_url, given["api_key"]
    api_key = await key_of_tenant(tenant_id, provider.account) or api_key
    if not base_url or (provider.needs_key and not api_key):
        return None
    return Account(base_url, api_key or "none")


def _default_model(provider: Provider | None) -> str:
    if provider is None:
        return ""
    if provider.name == "openai_compatible":
        return str(settings.PROVIDER_DEFAULT_MODEL)
    return provider.default_model


def _settings(provider: Provider, options: dict[str, Any]) -> ModelSettings:
    """The SDK's settings for a version's options, as far as the provider knows them."""
    effort = options.get("reasoning_effort")
    reasoning = None
    if effort:
        reasoning = Reasoning(effort=effort, summary="auto" if provider.summarises_reasoning else None)
    return ModelSettings(
        temperature=options.get("temperature"),
        top_p=options.get("top_p"),
        max_tokens=options.get("max_tokens"),
        reasoning=reasoning,
        include_usage=True if provider.reports_usage else None,
    )


#: Of each event loop, as connections belong to one: the clients by address and key.
_clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, str], openai.AsyncOpenAI]] = (
    weakref.WeakKeyDictionary()
)
_MOST_CLIENTS = 256


def _client(base_url: str, api_key: str) -> openai.AsyncOpenAI:
    """One client, with its connections, for each account; the oldest goes when there are too many."""
    clients = _clients.setdefault(asyncio.get_running_loop(), {})
    found = clients.get((base_url, api_key))
    if found is None:
        if len(clients) >= _MOST_CLIENTS:
            del clients[next(iter(clients))]
        found = clients[base_url, api_key] = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=api_key,
            timeout=settings.PROVIDER_TIMEOUT_SECONDS,
            max_retries=settings.PROVIDER_RETRIES,
        )
    return found


async def close_clients() -> None:
    """Close the connections of this event loop, before it ends."""
    for client in _clients.pop(asyncio.get_running_loop(), {}).values():
        await client.close()


class FinishedChatCompletionsModel(OpenAIChatCompletionsModel):
    """Insists that a stream says how it ended.  The SDK does so for OpenAI's own address only."""

    async def _fetch_response(self, *args: Any, **kwargs: Any) -> Any:
        fetched = await super()._fetch_response(*args, **kwargs)
        if isinstance(fetched, tuple):
            response, stream = fetched
            return response, _until_finished(stream)
        return fetched


async def _until_finished(stream: Any) -> AsyncIterator[Any]:
    """The chunks of a stream.

    Raises:
        PlatformError: ``provider_incomplete``, when the last one came without a reason to finish.
    """
    is_finished = False
    try:
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].finish_reason is not None:
                is_finished = True
            yield chunk
    finally:
        await stream.close()
    if not is_finished:
        raise PlatformError("provider_incomplete")

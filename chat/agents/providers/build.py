"""An assistant's version -> the model that answers for it."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator
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
from chat.agents.providers.accounts import Account, account_of
from chat.agents.providers.images import drawing_tool
from chat.agents.providers.meter import Meter
from chat.agents.providers.registry import PROVIDERS, Provider
from chat.agents.providers.resilient import Candidate, ResilientModel
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.outbound import guarded_client
from tenants.models import AssistantVersion

# The SDK would report every run to OpenAI.
set_tracing_disabled(not settings.PROVIDER_TRACING)
if settings.PROVIDER_TRACING:
    set_tracing_export_api_key(settings.PROVIDERS["openai"]["api_key"])


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
    account = await account_of(provider, tenant_id) if provider is not None else None
    model = model or default_model_of(provider)
    if provider is None or account is None or not model:
        return None
    client = _client(account)
    wire_api = settings.PROVIDER_WIRE_API if name == "openai_compatible" else provider.wire_api
    kind = OpenAIResponsesModel if wire_api == "responses" else FinishedChatCompletionsModel
    return Candidate(
        provider=name,
        model_name=model,
        model=kind(model=model, openai_client=client),
        settings=_settings(provider, config.model_options),
        drawing=drawing_tool(provider, config.model_options),
    )


async def client_of(name: str, tenant_id: int) -> openai.AsyncOpenAI | None:
    """The client for other endpoints of a provider; None when it is not configured."""
    provider = PROVIDERS.get(name)
    account = await account_of(provider, tenant_id) if provider is not None else None
    return _client(account) if account is not None else None


def default_model_of(provider: Provider | None) -> str:
    """The model that is asked where an assistant names none; empty where the provider has none."""
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


#: Of each event loop, as connections belong to one: the clients by account.
_clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Account, openai.AsyncOpenAI]] = (
    weakref.WeakKeyDictionary()
)
_MOST_CLIENTS = 256
#: The longest answer from an address that a tenant named, in bytes.
_MOST_BYTES = 50_000_000


def _client(account: Account) -> openai.AsyncOpenAI:
    """One client, with its connections, for each account; the oldest goes when there are too many."""
    clients = _clients.setdefault(asyncio.get_running_loop(), {})
    found = clients.get(account)
    if found is None:
        if len(clients) >= _MOST_CLIENTS:
            del clients[next(iter(clients))]
        seconds = settings.PROVIDER_TIMEOUT_SECONDS
        found = clients[account] = openai.AsyncOpenAI(
            base_url=account.base_url,
            api_key=account.api_key,
            timeout=seconds,
            max_retries=settings.PROVIDER_RETRIES,
            http_client=guarded_client(timeout=seconds, max_bytes=_MOST_BYTES) if account.is_foreign else None,
        )
    return found


async def close_clients() -> None:
    """Close the connections of this event loop, before it ends."""
    for client in _clients.pop(asyncio.get_running_loop(), {}).values():
        await client.close()


class FinishedChatCompletionsModel(OpenAIChatCompletionsModel):
    """Insists that a stream says how it ended.  The SDK does so for OpenAI's own address only.  An object of one run."""

    #: Whether the last answer ended because it might not be longer.
    was_cut_off = False

    async def _fetch_response(self, *args: Any, **kwargs: Any) -> Any:
        fetched = await super()._fetch_response(*args, **kwargs)
        if isinstance(fetched, tuple):
            response, stream = fetched
            return response, self._until_finished(stream)
        return fetched

    async def _until_finished(self, stream: Any) -> AsyncIterator[Any]:
        """The chunks of a stream.

        Raises:
            PlatformError: ``provider_incomplete``, when the last one came without a reason to finish.
        """
        reason = None
        try:
            async for chunk in stream:
                if chunk.choices and chunk.choices[0].finish_reason is not None:
                    reason = chunk.choices[0].finish_reason
                    self.was_cut_off = reason == "length"
                yield chunk
        finally:
            await stream.close()
        if reason is None:
            raise PlatformError("provider_incomplete")

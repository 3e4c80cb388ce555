"""Providers: where the model of an assistant comes from."""

from __future__ import annotations

import functools

import openai
from agents import Model, OpenAIChatCompletionsModel, OpenAIResponsesModel, set_tracing_disabled
from django.conf import settings

from chat.agents.config import AgentConfig
from chat.agents.offline.model import OfflineModel
from chatplatform.lib.errors import PlatformError
from tenants.models import AssistantVersion

# The SDK would report every run to OpenAI.
set_tracing_disabled(True)


def model_for(config: AgentConfig) -> Model:
    """The model of an assistant's version.

    Raises:
        PlatformError: ``assistant_unavailable``, when its provider is not configured.
    """
    match config.provider:
        case AssistantVersion.Provider.OFFLINE:
            return OfflineModel()
        case AssistantVersion.Provider.OPENAI_COMPATIBLE if settings.PROVIDER_BASE_URL:
            return _openai_compatible(config.model or settings.PROVIDER_DEFAULT_MODEL)
        case _:
            raise PlatformError("assistant_unavailable")


def explain(error: Exception) -> PlatformError | None:
    """The documented error for what a provider's SDK raised; None when it is not the provider's."""
    match error:
        case openai.APITimeoutError():
            return PlatformError("provider_timeout")
        case openai.APIConnectionError():
            return PlatformError("provider_unreachable")
        case openai.RateLimitError() | openai.InternalServerError():
            return PlatformError("provider_unreachable")
        case openai.APIStatusError():
            return PlatformError("provider_refused")
        case openai.APIError():  # an error in the middle of a stream
            return PlatformError("provider_unreachable")
        case _:
            return None


@functools.cache
def _client() -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=settings.PROVIDER_BASE_URL,
        api_key=settings.PROVIDER_API_KEY or "none",
        timeout=settings.PROVIDER_TIMEOUT_SECONDS,
        max_retries=2,
    )


def _openai_compatible(model: str) -> Model:
    if settings.PROVIDER_WIRE_API == "responses":
        return OpenAIResponsesModel(model=model, openai_client=_client())
    return OpenAIChatCompletionsModel(model=model, openai_client=_client())

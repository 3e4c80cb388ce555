"""The registry of providers, and what their failures mean."""

import json
from typing import Any

import httpx2
import openai
import pytest
from agents.exceptions import MaxTurnsExceeded, ModelBehaviorError
from django.conf import settings
from django.core.exceptions import ValidationError

from chat.agents.providers.errors import explain
from chat.agents.providers.registry import PROVIDERS
from chatplatform.lib.errors import PlatformError
from chatplatform.lib.outbound import OutboundError
from tenants.model_options import validate_fallbacks, validate_model_options
from tenants.models import AssistantVersion

_REQUEST = httpx2.Request("POST", "https://api.example.com/v1/chat/completions")


def test_an_assistant_may_name_each_provider_of_the_registry() -> None:
    kinds = {value: str(label) for value, label in AssistantVersion.Provider.choices}
    del kinds["offline"]
    assert kinds == {name: row.title for name, row in PROVIDERS.items()}


def test_the_installation_may_have_an_account_at_each_provider() -> None:
    accounts = {row.account for row in PROVIDERS.values()} - {"openai_compatible"}
    assert accounts == settings.PROVIDERS.keys()


def test_a_provider_has_an_address_or_needs_one() -> None:
    without = {name for name, row in PROVIDERS.items() if not row.base_url}
    assert without == {"azure", "ollama", "vllm", "openai_compatible"}
    assert all(row.base_url.startswith("https://") for row in PROVIDERS.values() if row.base_url)
    assert all(row.default_model for name, row in PROVIDERS.items() if row.base_url)


def refusal(status: int, message: str = "no", code: str = "") -> openai.APIStatusError:
    response = httpx2.Response(status, request=_REQUEST)
    body = {"message": message, "code": code}
    kinds: dict[int, type[openai.APIStatusError]] = {429: openai.RateLimitError, 500: openai.InternalServerError}
    return kinds.get(status, openai.APIStatusError)(message, response=response, body=body)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (openai.APITimeoutError(request=_REQUEST), "provider_timeout"),
        (TimeoutError(), "provider_timeout"),
        (refusal(408), "provider_timeout"),
        (openai.APIConnectionError(request=_REQUEST), "provider_unreachable"),
        (refusal(500), "provider_unreachable"),
        (refusal(529), "provider_unreachable"),
        (refusal(429), "provider_busy"),
        (refusal(429, code="insufficient_quota"), "provider_refused"),
        (refusal(400), "provider_refused"),
        (refusal(401), "provider_refused"),
        (refusal(404), "provider_refused"),
        (refusal(400, code="context_length_exceeded"), "conversation_too_long"),
        (refusal(400, "This model's maximum context length is 8192 tokens."), "conversation_too_long"),
        (refusal(413, "prompt is too long: 210000 tokens > 200000 maximum"), "conversation_too_long"),
        (openai.APIError("in the stream", request=_REQUEST, body={"code": "rate_limit_exceeded"}), "provider_busy"),
        (openai.APIError("in the stream", request=_REQUEST, body={}), "provider_unreachable"),
        (ModelBehaviorError("no finish"), "provider_incomplete"),
        (json.JSONDecodeError("no JSON", "x", 0), "provider_incomplete"),
        (MaxTurnsExceeded("12"), "too_many_steps"),
        (OutboundError("not public"), "provider_address"),
        (OutboundError("no such host"), "provider_unreachable"),
        (PlatformError("run_lost"), "run_lost"),
    ],
)
def test_a_failure_has_a_documented_error(error: Exception, code: str) -> None:
    explained = explain(error)
    assert explained is not None
    assert explained.code == code


def test_a_mistake_of_ours_is_not_blamed_on_the_provider() -> None:
    assert explain(KeyError("x")) is None


@pytest.mark.parametrize(
    "options", [{"temperature": 3}, {"max_tokens": 0}, {"reasoning_effort": "huge"}, {"api_key": "x"}, []]
)
def test_options_that_cannot_be_are_refused(options: Any) -> None:
    with pytest.raises(ValidationError):
        validate_model_options(options)


def test_options_may_be_left_out() -> None:
    validate_model_options({})
    validate_model_options({"temperature": 0.2, "top_p": 1, "max_tokens": 400, "reasoning_effort": "low"})


@pytest.mark.parametrize("fallbacks", [{}, ["openai"], [{"model": "x"}], [{"provider": "openai", "key": "x"}]])
def test_fallbacks_that_cannot_be_are_refused(fallbacks: Any) -> None:
    with pytest.raises(ValidationError):
        validate_fallbacks(fallbacks)
    validate_fallbacks([{"provider": "openai"}, {"provider": "groq", "model": "x"}])

"""What a provider's failure means to the people who wait: one of the documented errors, and never the provider's own words."""

from __future__ import annotations

import json
import re
from typing import Any

import openai
from agents.exceptions import MaxTurnsExceeded, ModelBehaviorError

from chatplatform.lib.errors import PlatformError
from chatplatform.lib.outbound import OutboundError

#: How providers say that a conversation is longer than what their model reads.
_TOO_LONG = re.compile(
    r"context.?(length|window)|maximum context|prompt is too long|too many (input )?tokens", re.IGNORECASE
)
#: Events of the Responses API which end an answer that is not whole.
FAILED = frozenset({"response.failed", "response.incomplete", "error", "response.error"})


def explain(error: Exception) -> PlatformError | None:
    """The documented error for what an answer raised; None when neither the provider nor its model is to blame."""
    match error:
        case PlatformError():
            return error
        case openai.APITimeoutError() | TimeoutError():
            return PlatformError("provider_timeout")
        case openai.APIConnectionError():
            return PlatformError("provider_unreachable")
        case OutboundError(reason="not public" | "not an address"):
            return PlatformError("provider_address")
        case OutboundError():
            return PlatformError("provider_unreachable" if error.reason == "no such host" else "provider_refused")
        case openai.APIStatusError():
            return PlatformError(_code_of_status(error))
        case openai.APIError():  # an error in the middle of a stream
            return PlatformError(_code_of(error.code, error.message))
        case ModelBehaviorError() | json.JSONDecodeError():
            return PlatformError("provider_incomplete")
        case MaxTurnsExceeded():
            return PlatformError("too_many_steps")
        case _:
            return None


def failure_of(event: Any) -> PlatformError:
    """The documented error for an event of `FAILED`."""
    if event.type == "response.incomplete":
        details = event.response.incomplete_details
        return PlatformError("answer_filtered" if details and details.reason == "content_filter" else "answer_cut_off")
    error = event.response.error if event.type == "response.failed" else event
    return PlatformError(_code_of(getattr(error, "code", None), getattr(error, "message", None)))


def _code_of_status(error: openai.APIStatusError) -> str:
    status = error.status_code
    if status == 429:
        return "provider_refused" if error.code == "insufficient_quota" else "provider_busy"
    if status == 408:
        return "provider_timeout"
    if status >= 500:
        return "provider_unreachable"
    if status in (400, 413, 422) and (error.code == "context_length_exceeded" or _TOO_LONG.search(error.message)):
        return "conversation_too_long"
    return "provider_refused"


def _code_of(code: Any, message: Any) -> str:
    """For errors that come after the status, inside a stream."""
    if code == "context_length_exceeded" or _TOO_LONG.search(str(message)):
        return "conversation_too_long"
    if code == "rate_limit_exceeded":
        return "provider_busy"
    if code in ("invalid_prompt", "insufficient_quota", "invalid_api_key", "model_not_found"):
        return "provider_refused"
    return "provider_unreachable"

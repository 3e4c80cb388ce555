"""The ChatKit request in a body."""

from __future__ import annotations

from chatkit.types import ChatKitReq
from pydantic import TypeAdapter, ValidationError

from chatplatform.lib.errors import PlatformError

#: Values in a request's body, counted by its commas and opening brackets: the largest body can hold a million, which take seconds
#: to read.  A message of the largest size has fewer, whatever its characters are.
MAX_VALUES = 50_000

# Built once: the SDK builds it for every request, which takes milliseconds.
_REQUEST: TypeAdapter[ChatKitReq] = TypeAdapter(ChatKitReq)


def request_of(body: bytes) -> ChatKitReq:
    """Parse a body.

    Raises:
        PlatformError: ``invalid_json``, ``unknown_operation``, ``invalid_request``, ``too_large``.
    """
    if sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise PlatformError("too_large")
    try:
        return _REQUEST.validate_json(body)
    except ValidationError as error:
        # Each of them costs as much as a request; those that say more than that something is wrong stand alone.
        if error.error_count() > 1:
            raise PlatformError("invalid_request") from None
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        # Problems of the whole body; those of a part of it have a place.
        kinds = {problem["type"] for problem in problems if not problem["loc"]}
        if "json_invalid" in kinds:
            raise PlatformError("invalid_json") from None
        if kinds & {"union_tag_invalid", "union_tag_not_found"}:
            raise PlatformError("unknown_operation") from None
        raise PlatformError("invalid_request") from None

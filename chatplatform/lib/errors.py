"""The error that the platform's code raises for its callers; `chatplatform.lib.problems.api` has the codes.

Outside a stream an error travels as the envelope ``{"error": {"code", "message", "hint", "request_id"}}`` with the status given
there; inside a stream as ChatKit's ``error`` event.  A message never repeats what the caller sent, nor an exception's text.
"""

from __future__ import annotations

from typing import Any

from chatplatform.lib.problems.api import ERRORS


class PlatformError(Exception):
    """An error with a documented code.

    ``code`` is a key of :data:`ERRORS`.  ``headers`` go onto the HTTP answer (``Retry-After``, ``Allow``).  ``hint`` replaces the
    registry's hint where the place knows better (the sign-in address, for example).
    """

    def __init__(self, code: str, *, hint: str | None = None, headers: dict[str, str] | None = None) -> None:
        self.code = code
        self.spec = ERRORS[code]
        self.hint = hint or self.spec.hint
        self.headers = headers or {}
        super().__init__(code)

    @property
    def status(self) -> int:
        return self.spec.status

    def envelope(self, request_id: str) -> dict[str, Any]:
        return {
            "error": {
                "code": self.code,
                "message": self.spec.message,
                "hint": self.hint,
                "request_id": request_id,
            }
        }

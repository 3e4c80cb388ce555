"""Whether a request came by https."""

from __future__ import annotations

from typing import Any

from django.conf import settings


def is_https(scope: dict[str, Any]) -> bool:
    """Whether the browser came by https, by the word of a trusted proxy if there is one (SECURE_PROXY_SSL_HEADER)."""
    if not settings.SECURE_PROXY_SSL_HEADER:
        return bool(scope.get("scheme") == "https")
    name, value = settings.SECURE_PROXY_SSL_HEADER
    wanted = name.removeprefix("HTTP_").replace("_", "-").lower().encode("latin-1")
    given = b"".join([found for header, found in scope["headers"] if header == wanted][-1:])
    return bool(given.split(b",")[0].strip() == value.encode("latin-1"))

"""The address of the client behind the proxies that we trust."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings


def client_address(meta: Mapping[str, Any]) -> str:
    """The client's IP address.

    With `TRUSTED_PROXY_COUNT` proxies before us, the entry that the outermost of them wrote into ``X-Forwarded-For``; anything
    further left was written by the client itself.
    """
    forwarded = [part.strip() for part in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]
    count = settings.TRUSTED_PROXY_COUNT
    if count and len(forwarded) >= count:
        return forwarded[-count]
    return str(meta.get("REMOTE_ADDR", ""))

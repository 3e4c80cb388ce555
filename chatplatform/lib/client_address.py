"""The address of the client behind the proxies that we trust."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings

#: Some proxies write the port of the connection behind an address.
_WITH_PORT = re.compile(r"\[([^\[\]]{1,60})\](?::\d{1,5})?|([^:]{1,60}):\d{1,5}")


def client_address(meta: Mapping[str, Any]) -> str:
    """The client's IP address, or nothing where what stands there is none (a Unix socket has no address).

    With `TRUSTED_PROXY_COUNT` proxies before us, the entry that the outermost of them wrote into ``X-Forwarded-For``; anything
    further left was written by the client itself.
    """
    forwarded = [part.strip() for part in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]
    count = settings.TRUSTED_PROXY_COUNT
    found = _address(forwarded[-count] if count and len(forwarded) >= count else str(meta.get("REMOTE_ADDR", "")))
    return str(found or "")


def client_network(meta: Mapping[str, Any]) -> str:
    """Under what the attempts of a client are counted: its IPv4 address, or the network of its IPv6 address.

    Who has one IPv6 address has 2^64 of them, and would count anew with each.
    """
    address = client_address(meta)
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


def _address(written: str) -> IPv4Address | IPv6Address | None:
    match = _WITH_PORT.fullmatch(written)
    plain = (match[1] or match[2]) if match else written
    try:
        address = ip_address(plain.partition("%")[0])
    except ValueError:
        return None
    # A socket for both kinds writes IPv4 addresses so: as IPv6 ones they were all in one network.
    return getattr(address, "ipv4_mapped", None) or address

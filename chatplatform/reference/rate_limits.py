"""docs/reference/rate-limits.md: what is limited, by which key, and how often, from the table in `tenants.rate_limits`."""

from __future__ import annotations

from typing import Final

from tenants.rate_limits import COUNTED, KEYS, RATE_LIMITS, RateLimit

_HEAD: Final = """\
<!-- Written by `manage.py write_reference`: change tenants/rate_limits.py, and write it anew. -->
# Rate limits

A request that is one too many gets `429 rate_limited` with `Retry-After` in seconds. Windows move
([decision 004](../decisions/004-windows-of-rate-limits.md)); with `REDIS_URL` all processes count together, without it each for
itself.

A limit that names several keys counts each combination of them. A **client address** is an IPv4 address or the /64 network of an
IPv6 address, behind as many proxies as `TRUSTED_PROXY_COUNT` says: where that is too low, all visitors have the address of the
proxy. Limits of a tenant for each client address count visitors and people whom a site identifies. Members are counted each for
themselves, so that an office with one address has room. Limits without a setting are fixed.

| What | For each | Limit |
|---|---|---|
"""


def page() -> str:
    return _HEAD + "".join(_row(each) for each in RATE_LIMITS)


def _row(limit: RateLimit) -> str:
    keys = " and ".join(KEYS[key] for key in limit.key)
    rate = f"[`{limit.rate}`](settings.md#limits)" if limit.rate.isupper() else f"`{limit.rate}`"
    return f"| {COUNTED[limit.name]} | {keys} | {rate} |\n"

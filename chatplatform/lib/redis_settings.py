"""What Channels, Django's cache and `limits` want to know of REDIS_URL: one server, or a primary that Sentinel names."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from redis.sentinel import Sentinel, SentinelConnectionPool

SENTINEL_SCHEME: Final = "redis+sentinel"
_SENTINEL_PORT: Final = 26379
#: Sentinels are asked one after the other: one that is gone must not hold up the next.
_SENTINEL_TIMEOUT_SECONDS: Final = 2.0
#: The channel layer waits for a message for five seconds at a time, which is when redis-py would give up by itself, and lose one.
_LAYER_TIMEOUT_SECONDS: Final = 10


def channel_host(url: str) -> dict[str, Any]:
    """An entry of ``hosts`` of `channels_redis`.

    Raises:
        ImproperlyConfigured: the address of Sentinels cannot be read.
    """
    if not _is_sentinel(url):
        return {"address": url, "socket_timeout": _LAYER_TIMEOUT_SECONDS}
    sentinels, name, login = _sentinels(url)
    return {
        "sentinels": sentinels,
        "master_name": name,
        "sentinel_kwargs": {"socket_timeout": _SENTINEL_TIMEOUT_SECONDS, **login},
        "socket_timeout": _LAYER_TIMEOUT_SECONDS,
        **login,
    }


def cache(url: str) -> dict[str, Any]:
    """An entry of Django's ``CACHES``."""
    found: dict[str, Any] = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}
    return {**found, "OPTIONS": {"pool_class": SentinelPool}} if _is_sentinel(url) else found


class SentinelPool(SentinelConnectionPool):
    """Connections to the primary, made from an address as Django's cache makes its pools."""

    @classmethod
    def from_url(cls, url: str, **options: Any) -> SentinelPool:
        sentinels, name, login = _sentinels(url)
        manager = Sentinel(  # type: ignore[no-untyped-call]
            sentinels, sentinel_kwargs={"socket_timeout": _SENTINEL_TIMEOUT_SECONDS, **login}
        )
        return cls(name, manager, **login, **options)


def _is_sentinel(url: str) -> bool:
    return url.lower().startswith(f"{SENTINEL_SCHEME}://")


def _sentinels(url: str) -> tuple[list[tuple[str, int]], str, dict[str, str]]:
    """Where the Sentinels are, the name of the primary, and the login of both.

    The address is ``redis+sentinel://[user:password@]host:port,host:port,…/name``.
    """
    parts = urlsplit(url)
    userinfo, _, hosts = parts.netloc.rpartition("@")
    name = parts.path.strip("/")
    try:
        sentinels = [_host(host) for host in hosts.split(",")]
    except ValueError:
        sentinels = []
    if not sentinels or not name or "/" in name:
        raise ImproperlyConfigured("REDIS_URL must look like redis+sentinel://host:26379,host:26379,host:26379/name.")
    user, _, password = userinfo.partition(":")
    login = {"username": unquote(user), "password": unquote(password)}
    return sentinels, name, {key: value for key, value in login.items() if value}


def _host(written: str) -> tuple[str, int]:
    host, separator, port = written.rpartition(":")
    if not separator or written.endswith("]"):
        host, port = written, str(_SENTINEL_PORT)
    if not host:
        raise ValueError(written)
    return host.strip("[]"), int(port)

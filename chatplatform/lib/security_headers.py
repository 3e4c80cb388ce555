"""The headers that every HTTP response of the platform carries, whichever part of it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from chatplatform.lib.csp import data_policy, origin_of
from chatplatform.lib.https import is_https

Scope = dict[str, Any]
Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Any, Any], Awaitable[None]]
Header = tuple[bytes, bytes]

_UNUSED_FEATURES = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "midi",
    "payment",
    "serial",
    "usb",
    "xr-spatial-tracking",
)


def permissions_policy(*microphone: str) -> str:
    """The Permissions-Policy of a response.

    Args:
        microphone: who may record, for dictation: ``self``, or an address of another origin. Empty ones do not count;
            without any, recording is off.
    """
    sources = " ".join(source if source == "self" else f'"{origin_of(source)}"' for source in microphone if source)
    return ", ".join([*(f"{feature}=()" for feature in _UNUSED_FEATURES), f"microphone=({sources})"])


class SecurityHeaders:
    """Completes the headers of every response of an ASGI application. What a response sets itself stays."""

    def __init__(self, application: Application) -> None:
        self._application = application
        table = {
            "content-security-policy": data_policy(),
            "permissions-policy": permissions_policy(),
            "x-content-type-options": "nosniff",
            "referrer-policy": settings.SECURE_REFERRER_POLICY,
            "cross-origin-opener-policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        }
        self._table = [_header(name, value) for name, value in table.items()]
        self._no_frames = _header("x-frame-options", settings.X_FRAME_OPTIONS)
        self._https_only = _header("strict-transport-security", _transport_policy())

    def __call__(self, scope: Scope, receive: Any, send: Send) -> Awaitable[None]:
        # Not a coroutine: a stream of thousands of frames passes here, and only its first message is of interest.
        def completed(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self.complete(scope, list(message.get("headers", ())))}
            return send(message)

        return self._application(scope, receive, completed)

    def complete(self, scope: Scope, headers: list[Header]) -> list[Header]:
        """The headers of a response, with those that it lacks."""
        present = {name.lower(): value for name, value in headers}
        headers += [header for header in self._table if header[0] not in present]
        # Older browsers read this one alone, so it must not forbid what `frame-ancestors` allows.
        ancestors = present.get(b"content-security-policy", b"frame-ancestors 'none'").partition(b"frame-ancestors ")[2]
        if b"x-frame-options" not in present and ancestors.partition(b";")[0] in (b"", b"'none'"):
            headers.append(self._no_frames)
        name, value = self._https_only
        if value and name not in present and is_https(scope):
            headers.append(self._https_only)
        return headers


def _header(name: str, value: str) -> Header:
    return name.encode("latin-1"), value.encode("latin-1")


def _transport_policy() -> str:
    """The Strict-Transport-Security header, as Django's SecurityMiddleware writes it; empty where it is off."""
    if not settings.SECURE_HSTS_SECONDS:
        return ""
    parts = [f"max-age={settings.SECURE_HSTS_SECONDS}"]
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        parts.append("includeSubDomains")
    if settings.SECURE_HSTS_PRELOAD:
        parts.append("preload")
    return "; ".join(parts)

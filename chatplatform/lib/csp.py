"""Content security policies: what a page may load, run and talk to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

USES_CHATKIT: Final = "chatplatform.uses_chatkit"
"""A key of ``request.META``: the page holds the chat, so OpenAI's client may be loaded where it is configured."""

Policy = dict[str, list[str]]

#: No script puts text into a page as HTML but by these: Lit's own templates, and what DOMPurify has cleaned.
_TRUSTED_TYPES: Final[Policy] = {
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["lit-html", "dompurify"],
}

_STRICT: Final[Policy] = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    # No other host: an address in an answer must not carry anything away by being loaded.
    "img-src": ["'self'", "data:", "blob:"],
    "media-src": ["'self'", "blob:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "base-uri": ["'none'"],
    "object-src": ["'none'"],
}


def page_policy(official_url: str = "") -> str:
    """The policy of our own pages; with the address of OpenAI's client where a page may load it.

    That client is a script which opens a frame of the same origin and puts one `<style>` element into the page.  Its text is not
    ours to know, so inline style elements are allowed beside it, but no style attributes; how it writes HTML is not ours to know
    either, so trusted types are not asked of such pages.
    """
    return _written(_page(official_url))


def data_policy() -> str:
    """The policy of responses that are no page: a browser that shows one all the same runs and loads nothing of it."""
    return _written({"default-src": ["'none'"], "frame-ancestors": ["'none'"]})


def frame_policy(origins: Iterable[str], official_url: str = "") -> str:
    """The policy of the chat in the frame of other sites, which these origins may show."""
    return _written({**_page(official_url), "frame-ancestors": list(origins)})


def showing_policy(origin: str) -> str:
    """The policy of a page that shows the embed of a platform, as a site around it would have it."""
    shown = {directive: ["'self'", origin] for directive in ("script-src", "connect-src", "frame-src")}
    return _written({**_STRICT, **shown})


def _page(official_url: str) -> Policy:
    if not official_url:
        return {**_STRICT, **_TRUSTED_TYPES}
    origin = origin_of(official_url)
    return {
        **_STRICT,
        "script-src": ["'self'", origin],
        "style-src-elem": ["'self'", "'unsafe-inline'"],
        "connect-src": ["'self'", origin],
        "frame-src": [origin],
    }


def admin_policy() -> str:
    """The policy of the admin: Alpine evaluates the expressions in its templates, and widgets carry style attributes."""
    return _written({**_STRICT, "script-src": ["'self'", "'unsafe-eval'"], "style-src": ["'self'", "'unsafe-inline'"]})


def debug_policy() -> str:
    """The policy of Django's own error pages, which exist only in DEBUG and hold their style and script inline."""
    inline = ["'self'", "'unsafe-inline'"]
    return _written({**_STRICT, "script-src": inline, "style-src": inline})


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, as policies and browsers write them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _written(policy: Policy) -> str:
    return "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in policy.items())

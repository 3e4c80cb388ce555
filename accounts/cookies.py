"""The names of chat session cookies: one for each tenant, so that two tenants on one host do not overwrite each other.

An embed has one of its own: the site around it may be a page of ours, whose session is another one.
"""

from __future__ import annotations

from collections.abc import Mapping

_NAME = "chatkit_session_"
_EMBED = "chatkit_embed_"
_DEVICE = "chatkit_device_"


def cookie_name(slug: str, *, https: bool) -> str:
    """The cookie of a tenant.  By https it has the prefix that browsers bind to this very host."""
    return f"{'__Host-' if https else ''}{_NAME}{slug}"


def embed_cookie_name(public_id: str, *, https: bool) -> str:
    """The cookie of an embed, in the frames of its sites."""
    return f"{'__Host-' if https else ''}{_EMBED}{public_id}"


def device_cookie_name(place: str, *, https: bool) -> str:
    """The cookie by which a browser is recognised after its session, for blocks; of a tenant's slug or an embed's id."""
    return f"{'__Host-' if https else ''}{_DEVICE}{place}"


def session_cookies(cookies: Mapping[str, str], *, https: bool) -> dict[str, str]:
    """All chat session cookies of a request: slug -> token.  Those of embeds are not among them."""
    prefix = cookie_name("", https=https)
    return {name.removeprefix(prefix): token for name, token in cookies.items() if name.startswith(prefix)}

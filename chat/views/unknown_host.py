"""What a host shows that leads here and belongs to nobody."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string

from chat.views.http import Request
from chatplatform.lib.csp import page_policy
from chatplatform.lib.db_pool import in_database
from chatplatform.lib.errors import PlatformError
from tenants import hosts

#: What is the same under each name: probes come from inside by an address, and the page below has a style.
_ANYWHERE = ("/healthz", "/readyz", "/metrics", settings.STATIC_URL)


async def is_ours(request: Request) -> bool:
    """Whether the host that the browser asked for is served.  Asks the database only when the answer is not remembered."""
    place = hosts.remembered(request.host)
    if place is None:
        if request.scope["path"].startswith(_ANYWHERE):
            return True
        place = await in_database(hosts.place_of, request.host)
    return place.is_served or request.scope["path"].startswith(_ANYWHERE)


async def refuse(request: Request) -> None:
    """421, as a page; to the API's callers as the envelope of what does not exist."""
    if request.scope["path"].startswith("/api/"):
        await request.refuse(PlatformError("not_found"))
        return
    page = render_to_string("unknown_host.html", {"start": settings.PUBLIC_URL})
    headers = {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": page_policy(),
    }
    await request.answer(421, page.encode(), headers)

"""Links that are a credential carry it behind a '#', which browsers send to no server: no log and no Referer keeps it.

The page behind such a link posts what it finds there (`static/chatplatform/link.js`), and is shown without it from then on.
"""

from __future__ import annotations

from django.http import HttpRequest

LONGEST = 200


def posted_token(request: HttpRequest) -> str:
    """What the page found behind the '#' of its address, or nothing."""
    return request.POST.get("token", "")[:LONGEST] if request.method == "POST" else ""

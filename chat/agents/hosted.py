"""Hosted mode: an assistant whose answers OpenAI produces and keeps, by a workflow.

The browser talks to OpenAI directly; all that it needs from here is OpenAI's client secret, which stands for one end user.  Its
requests never come to the store, the runs and the limits of this platform.
"""

from __future__ import annotations

from django.conf import settings

from chat.agents.config import load_config
from chat.agents.providers.build import client_of
from chat.agents.providers.errors import explain
from chatplatform.lib.errors import PlatformError

#: The longest that OpenAI allows, in seconds.
LONGEST = 600
#: How long OpenAI may take, in seconds: a person waits for the page, and can load it again.
PATIENCE = 10.0


async def client_secret(*, tenant_id: int, version_id: int | None, end_user: str) -> str | None:
    """OpenAI's client secret for an end user; None when the assistant answers here.

    Args:
        end_user: the public id.  It is opaque and unique across tenants: what OpenAI learns says nothing about the person.

    Raises:
        PlatformError: ``assistant_unavailable``, ``provider_refused`` (an unknown workflow, a wrong key), ``provider_busy``,
            ``provider_unreachable``, ``provider_timeout``.
    """
    config = await load_config(version_id, tenant_id)
    if not config.workflow:
        return None
    client = await client_of("openai", tenant_id)
    if client is None:
        raise PlatformError("assistant_unavailable")
    try:
        session = await client.with_options(timeout=PATIENCE, max_retries=0).beta.chatkit.sessions.create(
            user=end_user,
            workflow={"id": config.workflow},
            expires_after={"anchor": "created_at", "seconds": min(settings.CHAT_SESSION_TOKEN_SECONDS, LONGEST)},
            rate_limits={"max_requests_per_1_minute": settings.HOSTED_REQUESTS_PER_MINUTE},
        )
    except Exception as error:
        if (known := explain(error)) is not None:
            raise known from None
        raise
    return session.client_secret
